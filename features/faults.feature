Feature: Every mistake that a service can make is found, by the rule named for it, with the right blame
  One table for requests and one for messages; each row is a scenario for each boundary. `unbroken rules` explains the rules.

  @HOP-001 @HOP-003 @HOP-009 @TREE-002
  Scenario Outline: <fault> in a request breaks <rule>
    Given the hop from "orders" to "billing" suffers "<fault>"
    When a request takes this route
      | from    | over     | to      |
      | client  | HTTP     | orders  |
      | orders  | any call | billing |
      | billing | HTTP     | audit   |
    Then the hop to "billing" breaks "<rule>", and "<side>" is to blame

    Examples:
      | fault | rule     | side       |
      | F-01  | HOP-001  | orders     |
      | F-02  | HOP-001  | orders     |
      | F-03  | HOP-001  | orders     |
      | F-04  | TREE-002 | the middle |
      | F-05  | HOP-001  | the middle |
      | F-06  | HOP-001  | the middle |
      | F-07  | HOP-001  | the middle |
      | F-08  | HOP-001  | the middle |
      | F-09  | HOP-001  | the middle |
      | F-14  | HOP-001  | billing    |
      | F-15  | HOP-001  | billing    |
      | F-16  | HOP-001  | billing    |
      | F-17  | HOP-009  | billing    |
      | F-19  | HOP-001  | billing    |
      | F-29  | HOP-001  | orders     |
      | F-30  | HOP-001  | orders     |
      | F-33  | TREE-002 | orders     |
      | F-35  | HOP-003  | billing    |

  @LINK-001 @LINK-003 @LINK-013 @LINK-015 @TREE-002
  Scenario Outline: <fault> in a message that is followed breaks <rule>
    Given the hop from "orders" to "billing" suffers "<fault>"
    When a request takes this route
      | from    | over      | to      | as           |
      | client  | HTTP      | orders  |              |
      | orders  | any queue | billing | follows-from |
      | billing | HTTP      | audit   |              |
    Then the hop to "billing" breaks "<rule>", and "<side>" is to blame

    Examples:
      | fault | rule     | side       |
      | F-01  | LINK-001 | orders     |
      | F-02  | LINK-001 | orders     |
      | F-03  | LINK-001 | orders     |
      | F-04  | TREE-005 | the middle |
      | F-06  | LINK-001 | the middle |
      | F-07  | LINK-001 | the middle |
      | F-08  | LINK-001 | the middle |
      | F-14  | LINK-001 | billing    |
      | F-15  | LINK-001 | billing    |
      | F-16  | LINK-001 | billing    |
      | F-17  | LINK-013 | billing    |
      | F-19  | LINK-003 | billing    |
      | F-22  | TREE-005 | the middle |
      | F-24  | LINK-001 | the middle |
      | F-28  | LINK-001 | the middle |
      | F-29  | LINK-001 | orders     |
      | F-30  | LINK-001 | orders     |
      | F-33  | TREE-011 | orders     |
      | F-35  | LINK-015 | billing    |
      | F-36  | LINK-015 | the middle |

  @LINK-001
  Scenario Outline: Two contexts on one message over <boundary> are none
    Only some carriers can hold a name twice.

    Given the hop from "orders" to "billing" suffers "F-05"
    When a request takes this route
      | from   | over       | to      |
      | client | HTTP       | orders  |
      | orders | <boundary> | billing |
    Then the hop to "billing" breaks "LINK-001", and "the middle" is to blame

    Examples:
      | boundary |
      | Kafka    |
      | memory   |

  @LINK-001
  Scenario: F-27 over SQS breaks LINK-001
    What is not asked for does not come. The tap asks for it all the same, and so can tell that it was there.

    Given the hop from "orders" to "billing" suffers "F-27"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | SQS  | billing |
    Then the hop to "billing" breaks "LINK-001", and "billing" is to blame
