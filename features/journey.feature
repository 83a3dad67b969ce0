Feature: A journey over every boundary
  One request crosses HTTP, gRPC, Kafka, AMQP and SQS. Whatever happens on the way, its spans are one story.

  @TREE-005 @LINK-001
  Scenario: An order leaves one unbroken trace
    When a request takes this route
      | from    | over  | to       | as           |
      | client  | HTTP  | gateway  | child        |
      | gateway | gRPC  | orders   | child        |
      | orders  | Kafka | billing  | follows-from |
      | orders  | SQS   | audit    | follows-from |
      | billing | AMQP  | mailer   | follows-from |
      | mailer  | HTTP  | delivery | child        |
    Then the story is one connected tree
    And every hop keeps its relation
