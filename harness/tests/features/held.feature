Feature: A run that is held in the middle
  The test listens at port 65535 under another number, and so decides what happens while everything is running.

  Scenario Outline: Held over <boundary>
    Given "billing" listens at "http://127.0.0.1:65535/"
    And "billing" exports no spans
    When a request takes this route
      | from   | over       | to      |
      | client | HTTP       | billing |
      | client | <boundary> | orders  |
      | orders | HTTP       | audit   |
    Then the story is one connected tree

    Examples:
      | boundary |
      | Kafka    |
      | AMQP     |
      | SQS      |
