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
    And nothing else is lost

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
    And nothing else is lost

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
    And nothing else is lost

    Examples:
      | boundary |
      | Kafka    |
      | memory   |

  @TREE-011
  Scenario Outline: <fault> leaves <side> without a span over any boundary
    Given the hop from "orders" to "billing" suffers "<fault>"
    When a request takes this route
      | from    | over | to      |
      | client  | HTTP | orders  |
      | orders  | any  | billing |
      | billing | HTTP | audit   |
    Then the hop to "billing" breaks "TREE-011", and "<side>" is to blame
    And nothing else is lost

    Examples:
      | fault | side    |
      | F-43  | orders  |
      | F-44  | billing |

  @LINK-013
  Scenario: F-41, a handler outside of its consumer, breaks LINK-013
    Given the hop from "orders" to "billing" suffers "F-41"
    When a request takes this route
      | from    | over      | to      | as           |
      | client  | HTTP      | orders  |              |
      | orders  | any queue | billing | follows-from |
      | billing | HTTP      | audit   |              |
    Then the hop to "billing" breaks "LINK-013", and "billing" is to blame
    And nothing else is lost

  @HOP-007
  Scenario: F-18, a stream whose handlers are outside of its span, breaks HOP-007
    Given the hop from "orders" to "billing" suffers "F-18"
    When a request takes this route
      | from    | over     | to      | how      |
      | client  | HTTP     | orders  |          |
      | orders  | any call | billing | 3 as one |
      | billing | HTTP     | audit   |          |
    Then the hop to "billing" breaks "HOP-007", and "billing" is to blame
    And nothing else is lost

  @HOP-008
  Scenario: F-17, work that goes on without its context, breaks HOP-008
    Given the hop from "orders" to "billing" suffers "F-17"
    When a request takes this route
      | from    | over     | to      | how               |
      | client  | HTTP     | orders  |                   |
      | orders  | any call | billing | in the background |
      | billing | HTTP     | audit   |                   |
    Then the hop to "billing" breaks "HOP-008", and "billing" is to blame
    And nothing else is lost

  @LINK-002
  Scenario Outline: <fault> in a batch breaks LINK-002
    Given the hop from "orders" to "billing" suffers "<fault>"
    When a request takes this route
      | from    | over      | to      | as     | how                   |
      | client  | HTTP      | orders  |        |                       |
      | orders  | any queue | billing | either | 3 times, taken as one |
      | billing | HTTP      | audit   |        |                       |
    Then the hop to "billing" breaks "LINK-002", and "billing" is to blame
    And nothing else is lost

    Examples:
      | fault |
      | F-20  |
      | F-21  |

  @LINK-005
  Scenario: F-14, nothing extracted at any attempt, breaks LINK-005
    Given the hop from "orders" to "billing" suffers "F-14"
    When a request takes this route
      | from    | over      | to      | as           | how        |
      | client  | HTTP      | orders  |              |            |
      | orders  | any queue | billing | follows-from | fails once |
      | billing | HTTP      | audit   |              |            |
    Then the hop to "billing" breaks "LINK-005", and "billing" is to blame
    And nothing else is lost

  @LINK-006
  Scenario: F-23, a dead letter that lost its headers, breaks LINK-006
    Given the hop from "orders" to "morgue" suffers "F-23"
    When a request takes this route
      | from   | over      | to      | as           | how         |
      | client | HTTP      | orders  |              |             |
      | orders | any queue | billing | follows-from |             |
      | orders | any queue | morgue  | follows-from | dead letter |
      | morgue | HTTP      | support |              |             |
    Then the hop to "morgue" breaks "LINK-006", and "the middle" is to blame
    And nothing else is lost

  @LINK-007
  Scenario: F-14, one of several receivers that does not extract, breaks LINK-007
    Given the hop from "orders" to "audit" suffers "F-14"
    When a request takes this route
      | from   | over      | to      | as           | how          |
      | client | HTTP      | orders  |              |              |
      | orders | any queue | billing | follows-from |              |
      | orders | any queue | audit   | follows-from | same message |
      | audit  | HTTP      | archive |              |              |
    Then the hop to "audit" breaks "LINK-007", and "audit" is to blame
    And nothing else is lost

  @LINK-011
  Scenario: F-32, a relay that replaces the context of a message, breaks LINK-011
    Given the hop from "orders" to "billing" suffers "F-32"
    When a request takes this route
      | from    | over      | to      | as           | how             |
      | client  | HTTP      | orders  |              |                 |
      | orders  | any queue | billing | follows-from | from the outbox |
      | billing | HTTP      | audit   |              |                 |
    Then the hop to "billing" breaks "LINK-011", and "orders" is to blame
    And nothing else is lost

  @LINK-010
  Scenario: F-37, a scheduled run that continues the one before, breaks LINK-010
    Given the hop from "scheduler" to "job" suffers "F-37"
    When a request takes this route
      | from      | over | to    | as   | how     |
      | scheduler | any  | job   | root | 3 times |
      | job       | HTTP | audit |      |         |
    Then the hop to "job" breaks "LINK-010", and "job" is to blame
    And nothing else is lost

  @LINK-001
  Scenario: F-27 over SQS breaks LINK-001
    What is not asked for does not come. The tap asks for it all the same, and so can tell that it was there.

    Given the hop from "orders" to "billing" suffers "F-27"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | SQS  | billing |
    Then the hop to "billing" breaks "LINK-001", and "billing" is to blame
    And nothing else is lost

  @FLAG-002 @STATE-016 @FLAG-003
  Scenario Outline: <fault> in what is not sampled breaks <rule>
    No service exports spans of it: what is lost is seen on the wire alone.

    Given the hop from "orders" to "billing" suffers "<fault>"
    And the request is not sampled
    And the request's trace id is random
    And the request carries the trace state "vendor=42"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | HTTP | orders  |       |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then the hop to "<hop>" breaks "<rule>", and "<side>" is to blame
    And nothing else is lost

    Examples:
      | fault | rule      | hop     | side       |
      | F-10  | FLAG-002  | billing | the middle |
      | F-11  | STATE-016 | billing | orders     |
      | F-31  | FLAG-003  | audit   | billing    |
      | F-34  | FLAG-002  | audit   | billing    |

  @WIRE-022
  Scenario: F-10, a flag that is turned under the same parent id, breaks WIRE-022 too
    Given the hop from "orders" to "billing" suffers "F-10"
    And the request is not sampled
    When a request takes this route
      | from    | over | to      | as    |
      | client  | HTTP | orders  |       |
      | orders  | any  | billing | child |
    Then the hop to "billing" breaks "WIRE-022", and "the middle" is to blame
    And nothing else is lost

  @STATE-002
  Scenario: F-11, a trace state that is lost, breaks STATE-002
    Given the hop from "orders" to "billing" suffers "F-11"
    And the request carries the trace state "vendor=42"
    When a request takes this route
      | from    | over | to      |
      | client  | HTTP | orders  |
      | orders  | any  | billing |
      | billing | HTTP | audit   |
    Then the hop to "billing" breaks "STATE-002", and "orders" is to blame
    And nothing else is lost

  @BAG-002
  Scenario Outline: F-12, of which only the last baggage header is read, over <boundary>
    Only some carriers can hold a name twice.

    Given the hop from "client" to "orders" suffers "F-12"
    And the request carries the baggage "user=alice"
    And the request carries the baggage "tenant=7"
    When a request takes this route
      | from   | over       | to      | as    |
      | client | <boundary> | orders  | child |
      | orders | HTTP       | billing |       |
    Then the hop to "billing" breaks "BAG-002", and "orders" is to blame
    And nothing else is lost

    Examples:
      | boundary |
      | HTTP     |
      | gRPC     |
      | Kafka    |
      | memory   |

  @B3-006
  Scenario: F-13, a format that is absent and erases another, breaks B3-006
    Given the hop from "orders" to "billing" suffers "F-13"
    And "billing" speaks "tracecontext,b3"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | HTTP | orders  |       |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then the hop to "audit" breaks "B3-006", and "billing" is to blame
    And nothing else is lost

  @WIRE-024
  Scenario: F-25, an eleventh attribute over SQS, breaks WIRE-024
    Given the hop from "orders" to "billing" suffers "F-25"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | SQS  | billing |
    Then the hop to "billing" breaks "WIRE-024", and "orders" is to blame
    And the hop to "billing" breaks "TREE-011", and "orders" is to blame
    And nothing else is lost

  @STATE-017
  Scenario: F-26, an empty trace state, breaks STATE-017
    Given the hop from "orders" to "billing" suffers "F-26"
    When a request takes this route
      | from    | over | to      |
      | client  | HTTP | orders  |
      | orders  | any  | billing |
    Then the hop to "billing" breaks "STATE-017", and "orders" is to blame
    And nothing else is lost

  @TREE-011 @STATE-017
  Scenario: F-26 over SQS, where the empty trace state is refused
    Given the hop from "orders" to "billing" suffers "F-26"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | SQS  | billing |
    Then the hop to "billing" breaks "STATE-017", and "orders" is to blame
    And the hop to "billing" breaks "TREE-011", and "orders" is to blame
    And nothing else is lost

  @HOP-001 @FLAG-003
  Scenario: F-31, flags that are not understood, cut the trace
    Given the hop from "orders" to "billing" suffers "F-31"
    And the request's trace id is random
    When a request takes this route
      | from    | over     | to      |
      | client  | HTTP     | orders  |
      | orders  | any call | billing |
      | billing | HTTP     | audit   |
    Then the hop to "billing" breaks "HOP-001", and "billing" is to blame
    And the hop to "audit" breaks "FLAG-003", and "billing" is to blame
    And nothing else is lost

  @LINK-001
  Scenario: F-31, flags that are not understood, cut the trace of a message
    Given the hop from "orders" to "billing" suffers "F-31"
    And the request's trace id is random
    When a request takes this route
      | from    | over      | to      | as           |
      | client  | HTTP      | orders  |              |
      | orders  | any queue | billing | follows-from |
      | billing | HTTP      | audit   |              |
    Then the hop to "billing" breaks "LINK-001", and "billing" is to blame
    And nothing else is lost

  @XRAY-002
  Scenario: F-42, formats that do not meet, are the fault of both
    Given the hop from "orders" to "billing" suffers "F-42"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | HTTP | orders  |       |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then the hop to "billing" breaks "XRAY-002", and "orders and billing" is to blame
    And nothing else is lost

  @LINK-001
  Scenario: F-42 over SQS, as the agents of two languages do it
    Given the hop from "orders" to "billing" suffers "F-42"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | SQS  | billing |
    Then the hop to "billing" breaks "LINK-001", and "orders and billing" is to blame
    And nothing else is lost

  @LINK-001
  Scenario: F-45, a system attribute that is dropped, breaks LINK-001
    Given the hop from "orders" to "billing" suffers "F-45"
    And "client" speaks "xray"
    And "orders" speaks "xray"
    And "billing" speaks "xray"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | SQS  | billing |
    Then the hop to "billing" breaks "LINK-001", and "the middle" is to blame
    And nothing else is lost
