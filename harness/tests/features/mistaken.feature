Feature: Scenarios that make no sense
  Each of them is red, and says which line is wrong.

  Scenario: a boundary that nobody knows
    When a request takes this route
      | from   | over   | to     |
      | client | pigeon | orders |
    Then the story is one connected tree

  Scenario: a route that is no tree
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
      | audit  | HTTP | orders |
    Then the story is one connected tree

  Scenario: a route without a table
    When a request takes this route
    Then the story is one connected tree

  Scenario: a rule that there is not
    Given "TREE-999" is known to break on the hop to "orders": it is made up
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a rule that there is not, of a loss
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the hop to "orders" breaks "HOP-999", and "client" is to blame

  Scenario: a step that nobody defined
    When a request takes this rout
    Then the story is one connected tree

  Scenario: a fault that there is not
    Given the hop from "client" to "orders" suffers "F-99"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a container that is not on the route
    Given "audit" runs in a container
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a silent service that is not on the route
    Given "audit" exports no spans
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a middle that there is not
    Given the hop from "client" to "orders" passes through "squid"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a middle that cannot do that
    Given the hop from "client" to "orders" passes through "nginx", which "dances"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a middle that does not speak that
    Given the hop from "client" to "orders" passes through "a Kafka mirror"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a middle on a hop that is not there
    Given the hop from "orders" to "billing" passes through "nginx"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: two middles on one hop
    Given the hop from "client" to "orders" suffers "F-08"
    And the hop from "client" to "orders" passes through "nginx"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a format that there is not
    Given "client" speaks "jaeger"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then every hop carries the context on

  Scenario: a trace state that is none
    Given the request carries the trace state "=="
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then every hop carries the context on

  Scenario: a trust boundary that lets the trace through
    Given "orders" stands beyond a trust boundary
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then every hop carries the context on

  Scenario: baggage that is none
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the baggage "==" reaches "orders"

  Scenario: a variable without a value
    Given "orders" runs the image "debian", ready when it logs "ready"
    And "orders" is told "KAFKA"
    When a request takes this route
      | from   | over  | to     |
      | client | Kafka | orders |
    Then the story is one connected tree

  Scenario: a variable for a service that runs no image
    Given "orders" is told "KAFKA=iterator"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree

  Scenario: a fault that comes too late
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree
    Given the hop from "client" to "orders" suffers "F-01"

  Scenario: a fault, and no request that takes a route
    Given the hop from "client" to "orders" suffers "F-14"
    And "billing" runs in a container
    And "orders" speaks "tracecontext"
    Then "orders" honours W3C Trace Context over memory

  Scenario: what comes after the question
    Then "orders" honours W3C Trace Context over memory
    Given "orders" exports no spans
