Feature: What stands between two services hands the context on, or is found out
  Proxies, mirrors and shovels as they are in the world, each in a container with a tap on either side.
  `docs/middles.md` lists them; an image of one's own takes their place.

  @HOP-001 @TREE-005
  Scenario Outline: <middle> passes on what a request over <boundary> carries
    Given the hop from "orders" to "billing" passes through "<middle>"
    When a request takes this route
      | from    | over       | to      |
      | client  | HTTP       | orders  |
      | orders  | <boundary> | billing |
      | billing | HTTP       | audit   |
    Then the story is one connected tree
    And every hop keeps its relation

    Examples:
      | middle  | boundary |
      | nginx   | HTTP     |
      | nginx   | gRPC     |
      | HAProxy | HTTP     |
      | HAProxy | gRPC     |

  @LINK-001 @TREE-005
  Scenario Outline: <middle> passes on what a message carries
    Given the hop from "orders" to "billing" passes through "<middle>"
    When a request takes this route
      | from    | over       | to      | as           |
      | client  | HTTP       | orders  |              |
      | orders  | <boundary> | billing | follows-from |
      | billing | HTTP       | audit   |              |
    Then the story is one connected tree
    And every hop keeps its relation

    Examples:
      | middle            | boundary    |
      | a Kafka mirror    | Kafka?key=7 |
      | a RabbitMQ shovel | AMQP        |

  @HOP-007
  Scenario Outline: A stream through <middle> keeps the context for every message's handler
    Given the hop from "orders" to "billing" passes through "<middle>"
    When a request takes this route
      | from    | over | to      | how      |
      | client  | HTTP | orders  |          |
      | orders  | gRPC | billing | 3 as one |
      | billing | HTTP | audit   |          |
    Then the story is one connected tree
    And every hop keeps its relation

    Examples:
      | middle  |
      | nginx   |
      | HAProxy |

  @LINK-006
  Scenario: Dead letters that a shovel moves on are tied to what was sent first
    Given the hop from "orders" to "audit" passes through "a RabbitMQ shovel"
    When a request takes this route
      | from   | over | to      | as           | how         |
      | client | HTTP | orders  |              |             |
      | orders | AMQP | billing | follows-from |             |
      | orders | AMQP | audit   | follows-from | dead letter |
    Then the story is one connected tree
    And every hop keeps its relation

  @HOP-001
  Scenario Outline: <middle> between requests over <boundary> is found out where it <manner>
    Given the hop from "orders" to "billing" passes through "<middle>", which "<manner>"
    When a request takes this route
      | from    | over       | to      |
      | client  | HTTP       | orders  |
      | orders  | <boundary> | billing |
      | billing | HTTP       | audit   |
    Then the hop to "billing" breaks "HOP-001", and "the middle" is to blame

    @F-08
    Examples: Headers that a proxy does not know
      | middle  | boundary | manner                       |
      | nginx   | HTTP     | strips what it does not know |
      | HAProxy | HTTP     | strips what it does not know |

    @F-09
    Examples: Metadata that a gateway drops
      | middle  | boundary | manner                       |
      | nginx   | gRPC     | strips what it does not know |
      | HAProxy | gRPC     | strips what it does not know |

    @F-05
    Examples: Two layers that know nothing of each other
      | middle  | boundary | manner              |
      | HAProxy | HTTP     | repeats the context |
      | HAProxy | gRPC     | repeats the context |

    @F-06
    Examples: Two values in one
      | middle  | boundary | manner            |
      | HAProxy | HTTP     | joins the context |
      | HAProxy | gRPC     | joins the context |

  @LINK-001 @F-24
  Scenario: A mirror that copies values, and nothing else, is found out
    Given the hop from "orders" to "billing" passes through "a Kafka mirror", which "drops headers"
    When a request takes this route
      | from   | over  | to      | as           |
      | client | HTTP  | orders  |              |
      | orders | Kafka | billing | follows-from |
    Then the hop to "billing" breaks "LINK-001", and "the middle" is to blame

  @TREE-005
  Scenario: A container may stand on either side of what is in the middle
    Given "billing" runs in a container
    And the hop from "client" to "orders" passes through "nginx"
    And the hop from "orders" to "billing" passes through "HAProxy"
    When a request takes this route
      | from    | over | to      |
      | client  | HTTP | orders  |
      | orders  | gRPC | billing |
      | billing | HTTP | audit   |
    Then the story is one connected tree
    And every hop keeps its relation

  @HOP-001 @LINK-001
  Scenario: An image of one's own takes its place in a hop
    Given the hop from "client" to "orders" passes through the image "unbroken/python-middle:1" on port 8080, ready when it logs "ready"
    And the hop from "orders" to "billing" passes through the image "unbroken/python-middle:1", ready when it logs "ready"
    When a request takes this route
      | from   | over  | to      | as           |
      | client | HTTP  | orders  | child        |
      | orders | Kafka | billing | follows-from |
    Then the story is one connected tree
    And every hop keeps its relation
