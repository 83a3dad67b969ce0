Feature: A file that cannot be read

  Scenario: a table that nobody closes
    When a request takes this route
      | from   | over | to     
      | client | HTTP | orders |
    Perhaps the story is one connected tree
