Feature: What needs no broker needs no Docker

  Scenario Outline: A hop over <boundary>
    When a request takes this route
      | from   | over       | to      |
      | client | <boundary> | orders  |
      | orders | HTTP       | billing |
    Then the story is one connected tree
    And every hop keeps its relation

    @bare
    Examples:
      | boundary |
      | HTTP     |
      | gRPC     |
      | memory   |

    @brokers
    Examples:
      | boundary |
      | Kafka    |
