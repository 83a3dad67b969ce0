Feature: Context survives every way in which messages travel
  Batches, streams, fan-out, redelivery, dead letters, replies, schedules. The column `how` says how a hop is made; a
  scenario is mounted over the boundaries that can do it.

  @HOP-001 @LINK-001 @HOP-004
  Scenario Outline: What is sent <how> is as many messages, each with a context of its own
    When a request takes this route
      | from   | over | to      | how   |
      | client | HTTP | orders  |       |
      | orders | any  | billing | <how> |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

    Examples:
      | how           |
      | 3 times       |
      | 3 in parallel |

  @LINK-002 @LINK-004
  Scenario: One span accounts for several messages, and links to each of them
    When a request takes this route
      | from    | over      | to      | as           | how                    |
      | client  | HTTP      | orders  | child        |                        |
      | orders  | any queue | billing | follows-from | 3 times, taken as one  |
      | billing | HTTP      | audit   | child        |                        |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-008
  Scenario: The messages of one batch all carry the context of its send
    When a request takes this route
      | from   | over      | to      | as           | how                     |
      | client | HTTP      | orders  | child        |                         |
      | orders | any queue | billing | follows-from | 3 as one                |
      | orders | any queue | audit   | follows-from | 3 as one, taken as one  |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @HOP-007
  Scenario: A stream keeps the context for every message's handler
    When a request takes this route
      | from    | over     | to      | how      |
      | client  | HTTP     | orders  |          |
      | orders  | any call | billing | 3 as one |
      | billing | HTTP     | audit   |          |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-007
  Scenario: Every receiver of a message ties to the same context
    When a request takes this route
      | from    | over      | to      | as           | how          |
      | client  | HTTP      | orders  | child        |              |
      | orders  | any queue | billing | follows-from |              |
      | orders  | any queue | audit   | follows-from | same message |
      | billing | HTTP      | mailer  | child        |              |
      | audit   | HTTP      | archive | child        |              |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-005
  Scenario: A message that is delivered again ties to its context again
    When a request takes this route
      | from    | over      | to      | as           | how        |
      | client  | HTTP      | orders  | child        |            |
      | orders  | any queue | billing | follows-from | fails once |
      | billing | HTTP      | audit   | child        |            |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @HOP-005 @HOP-003
  Scenario: A call that is tried again stays in the story, each attempt as its conventions want it
    When a request takes this route
      | from    | over     | to      | how        |
      | client  | HTTP     | orders  |            |
      | orders  | any call | billing | fails once |
      | billing | HTTP     | audit   |            |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-006
  Scenario: A dead letter ties to the context that its message was sent with
    When a request takes this route
      | from    | over      | to      | as           | how         |
      | client  | HTTP      | orders  | child        |             |
      | orders  | any queue | billing | follows-from |             |
      | orders  | any queue | morgue  | follows-from | dead letter |
      | morgue  | HTTP      | support | child        |             |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-006
  Scenario: Where nobody keeps dead letters, the receiver sends them on itself
    When a request takes this route
      | from    | over      | to      | as           |
      | client  | HTTP      | orders  | child        |
      | orders  | any queue | billing | follows-from |
      | billing | any queue | retry   | follows-from |
      | retry   | any queue | morgue  | follows-from |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-001
  Scenario: A reply over a queue comes back into the story
    When a request takes this route
      | from    | over      | to      | as           | how   |
      | client  | HTTP      | orders  | child        |       |
      | orders  | any queue | billing | follows-from |       |
      | billing | any queue | orders  | follows-from | reply |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-001
  Scenario: Even the entry may wait for a reply
    When a request takes this route
      | from    | over      | to      | as           | how   |
      | client  | any queue | billing | follows-from |       |
      | billing | any queue | client  | follows-from | reply |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @HOP-008
  Scenario: Work that goes on after the answer stays in the story
    When a request takes this route
      | from    | over     | to      | how               |
      | client  | HTTP     | orders  |                   |
      | orders  | any call | billing | in the background |
      | billing | HTTP     | audit   |                   |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-010
  Scenario: Scheduled work begins a new trace at each run
    When a request takes this route
      | from      | over | to   | as    | how     |
      | scheduler | any  | job  | root  | 3 times |
      | job       | HTTP | audit | child |         |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-011
  Scenario: A message keeps the context that it was made with, whoever hands it over
    When a request takes this route
      | from   | over      | to      | as           | how             |
      | client | HTTP      | orders  | child        |                 |
      | orders | any queue | billing | follows-from | from the outbox |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found

  @LINK-012
  Scenario: Nobody waits for the one who takes a message
    When a request takes this route
      | from    | over      | to      | as           | how  |
      | client  | HTTP      | orders  | child        |      |
      | orders  | any queue | billing | follows-from | held |
      | billing | HTTP      | audit   | child        |      |
    Then the story is one connected tree
    And every hop keeps its relation
    And everything is shown, and nothing is found
