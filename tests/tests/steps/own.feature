Feature: Steps of one's own

  @sees
  Scenario: A step of one's own sees what was judged
    When a request takes this route
      | from   | over   | to     |
      | client | memory | orders |
    Then nothing was found

  @fails
  Scenario: A step of one's own fails
    When a request takes this route
      | from   | over   | to     |
      | client | memory | orders |
    Then a step of one's own fails

  @panics
  Scenario: A step of one's own panics
    When a request takes this route
      | from   | over | to     |
      | client | SQS  | orders |
    Then a step of one's own panics

  @aborts
  Scenario: A step of one's own takes the whole process with it
    When a request takes this route
      | from   | over | to     |
      | client | SQS  | orders |
    Then a step of one's own ends the process
