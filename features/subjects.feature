Feature: Services that nobody here wrote take their place in a story
  Python services under the stock OpenTelemetry auto-instrumentation. They are told where OTLP goes, and nothing else
  of us; what they do is judged as it is.

  @HOP-001 @HOP-009
  Scenario: A FastAPI service between two of ours keeps the story whole
    Given "gateway" runs the image "unbroken/python-fastapi:1" on port 8080, ready when it logs "Uvicorn running on"
    When a request takes this route
      | from    | over  | to      | as           |
      | client  | HTTP  | gateway | child        |
      | gateway | HTTP  | orders  | child        |
      | orders  | Kafka | billing | follows-from |
    Then the story is one connected tree
    And every hop keeps its relation

  @TREE-011
  Scenario: A client library that is not instrumented hands nothing on
    Given "gateway" runs the image "unbroken/python-fastapi:1" on port 8080, ready when it logs "Uvicorn running on"
    And "gateway" is told "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=requests"
    When a request takes this route
      | from    | over | to      | as    |
      | client  | HTTP | gateway | child |
      | gateway | HTTP | orders  | child |
    Then the hop to "orders" breaks "TREE-011", and "gateway" is to blame
    And nothing else is lost

  @LINK-013
  Scenario: A Kafka consumer that iterates loses the context of its handler
    Given "enricher" runs the image "unbroken/python-kafka:1", ready when it logs "ready"
    And "LINK-013" is known to break on the hop to "enricher": the instrumentation of kafka-python ends the consumer's span before the loop's body runs
    When a request takes this route
      | from     | over  | to       | as    |
      | client   | HTTP  | orders   | child |
      | orders   | Kafka | enricher | child |
      | enricher | HTTP  | billing  | child |
    Then the story is one connected tree
    And every hop keeps its relation

  @TREE-006
  Scenario: What a service does when it starts is of no request
    Given "enricher" runs the image "unbroken/python-kafka:1", ready when it logs "ready"
    When a request takes this route
      | from   | over  | to       | as    |
      | client | Kafka | enricher | child |
    Then the story is one connected tree
    And every hop keeps its relation

  @TREE-006
  Scenario: What a service does all the time is of no request either
    Given "enricher" runs the image "unbroken/python-kafka:1", ready when it logs "ready"
    And "enricher" is told "HEARTBEAT=0.1"
    And "enricher" does "HEAD" of its own accord
    When a request takes this route
      | from   | over  | to       | as    |
      | client | Kafka | enricher | child |
    Then the story is one connected tree
    And every hop keeps its relation

  @TREE-005 @TREE-011
  Scenario: The reference service plays its part in a container as well
    Given "orders" runs in a container
    When a request takes this route
      | from   | over  | to      | as           |
      | client | HTTP  | orders  | child        |
      | orders | gRPC  | billing | child        |
      | orders | Kafka | audit   | follows-from |
      | orders | AMQP  | mailer  | follows-from |
      | orders | SQS   | archive | follows-from |
    Then the story is one connected tree
    And every hop keeps its relation

  @LINK-001
  Scenario: Every broker reaches into a container
    Given "orders" runs in a container
    When a request takes this route
      | from   | over       | to      | as           |
      | client | any broker | orders  | follows-from |
      | orders | HTTP       | billing | child        |
    Then the story is one connected tree
    And every hop keeps its relation
