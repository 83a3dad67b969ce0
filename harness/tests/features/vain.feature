Feature: A scenario that nobody would run

  Scenario Outline: A hop over <boundary>
    When a request takes this route
      | from   | over       | to     |
      | client | <boundary> | orders |
    Then the story is one connected tree

    Examples:
      | boundary |
