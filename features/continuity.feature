Feature: Context survives every boundary
  One feature for every boundary there is: `any` in the column `over` makes a scenario of each.

  @HOP-001 @LINK-001
  Scenario: One hop keeps the relation that its boundary has by default
    When a request takes this route
      | from   | over | to     |
      | client | any  | orders |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @TREE-005 @HOP-009 @LINK-013
  Scenario: What the receiver does next belongs to the same story
    When a request takes this route
      | from   | over | to      |
      | client | any  | orders  |
      | orders | any  | billing |
      | orders | HTTP | audit   |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-003
  Scenario: A message that is followed begins a trace of its own
    When a request takes this route
      | from   | over      | to      | as           |
      | client | any queue | orders  | follows-from |
      | orders | any queue | billing | follows-from |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @HOP-001 @LINK-001
  Scenario Outline: A receiver may be tied to its cause as <relation>
    When a request takes this route
      | from   | over      | to     | as         |
      | client | any queue | orders | <relation> |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

    Examples:
      | relation   |
      | child      |
      | child+link |
      | either     |
      | root       |

  @HOP-004
  Scenario: Calls of one handler are siblings
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | gateway |
      | gateway | any | orders  |
      | gateway | any | billing |
      | gateway | any | audit   |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-001
  Scenario: SQS carries the context in its system attribute as well
    When a request takes this route
      | from   | over               | to      | as           |
      | client | SQS?carrier=header | orders  | follows-from |
      | orders | SQS?carrier=header | billing | child        |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found
