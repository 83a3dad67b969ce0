Feature: What travels beside the ids is carried on
  Trace state, flags and baggage go on over every boundary, as far as one trace goes, and every format is read that is spoken.

  @STATE-002 @BAG-001 @WIRE-017 @FLAG-001
  Scenario: Trace state and baggage go on with the trace
    Given the request carries the trace state "vendor=42,other=1"
    And the request carries the baggage "user=alice,tenant=7"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | any  | orders  | child |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then the story is one connected tree
    And every hop carries the context on
    And the trace state "vendor=42" reaches "audit"
    And the baggage "user=alice" reaches "audit"

  @STATE-016 @FLAG-002 @FLAG-004
  Scenario: What is not sampled is carried on as well, and leaves no spans
    Given the request is not sampled
    And the request carries the trace state "vendor=42"
    And the request carries the baggage "user=alice"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | any  | orders  | child |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then every hop carries the context on
    And the trace state "vendor=42" reaches "audit"

  @WIRE-022 @FLAG-003
  Scenario: The random flag goes on with its trace
    Given the request's trace id is random
    When a request takes this route
      | from    | over | to      | as    |
      | client  | any  | orders  | child |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then the story is one connected tree
    And every hop carries the context on

  @WIRE-022
  Scenario: The random flag goes on where nothing is sampled
    Given the request's trace id is random
    And the request is not sampled
    When a request takes this route
      | from    | over | to      | as    |
      | client  | any  | orders  | child |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then every hop carries the context on

  @BAG-002 @BAG-003 @BAG-004
  Scenario: Two baggage headers, a value that must be encoded, and properties
    Given the request carries the baggage "user=al%C3%ADce%20b;kept;for=ever"
    And the request carries the baggage "tenant=7"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | any  | orders  | child |
      | orders  | any  | billing | child |
      | billing | HTTP | audit   |       |
    Then every hop carries the context on
    And the baggage "user=al%C3%ADce%20b;kept;for=ever,tenant=7" reaches "audit"

  @BAG-007
  Scenario: Malformed baggage harms neither the trace nor the service
    Given the request carries the baggage "=,;;,user=alice"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | any  | orders  | child |
      | orders  | HTTP | billing |       |
    Then the story is one connected tree
    And every hop carries the context on

  @LINK-003
  Scenario: A trace that is followed begins with nothing of the old one
    Given the request carries the trace state "vendor=42"
    And the request carries the baggage "user=alice"
    When a request takes this route
      | from    | over      | to      | as           |
      | client  | HTTP      | orders  |              |
      | orders  | any queue | billing | follows-from |
      | billing | HTTP      | audit   |              |
    Then the story is one connected tree
    And every hop carries the context on
    And the baggage "user=alice" reaches "billing"

  @B3-001 @B3-002 @B3-003 @XRAY-001 @XRAY-002
  Scenario Outline: A trace goes on in the format <format> alone
    Given "client" speaks "<format>"
    And "orders" speaks "<format>"
    And "billing" speaks "<format>"
    When a request takes this route
      | from   | over | to      | as    |
      | client | any  | orders  | child |
      | orders | any  | billing | child |
    Then the story is one connected tree
    And every hop keeps its relation
    And every hop carries the context on

    Examples:
      | format  |
      | b3      |
      | b3multi |
      | xray    |

  @B3-003 @B3-004 @B3-006
  Scenario: Services that are migrating translate between formats
    Given "client" speaks "b3"
    And "gateway" speaks "b3,tracecontext,baggage"
    And "orders" speaks "tracecontext,b3multi,baggage"
    And "billing" speaks "xray,b3multi"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | HTTP | gateway |       |
      | gateway | any  | orders  | child |
      | orders  | any  | billing | child |
    Then the story is one connected tree
    And every hop keeps its relation
    And every hop carries the context on

  @EDGE-001
  Scenario: Beyond a trust boundary the trace begins anew
    Given the request carries the trace state "vendor=42"
    And "partner" stands beyond a trust boundary
    When a request takes this route
      | from    | over | to      | as           |
      | client  | HTTP | orders  |              |
      | orders  | any  | partner | follows-from |
      | partner | HTTP | inner   |              |
    Then the story is one connected tree
    And every hop keeps its relation
    And every hop carries the context on

  @EDGE-002
  Scenario: No baggage goes to a third party
    Given the request carries the baggage "user=alice"
    And "partner" is a third party
    When a request takes this route
      | from    | over | to      | as    |
      | client  | HTTP | orders  |       |
      | orders  | any  | partner | child |
      | orders  | any  | billing | child |
    Then the story is one connected tree
    And every hop carries the context on
    And the baggage "user=alice" reaches "billing"

  @STATE-002 @BAG-001
  Scenario: A service in a container inherits as one in this process does
    Given "orders" runs in a container
    And "orders" speaks "tracecontext,b3,baggage"
    And the request carries the trace state "vendor=42"
    And the request carries the baggage "user=alice"
    When a request takes this route
      | from   | over  | to      | as    |
      | client | HTTP  | orders  |       |
      | orders | Kafka | billing | child |
    Then the story is one connected tree
    And every hop carries the context on
    And the trace state "vendor=42" reaches "billing"
