Feature: Services that are asked whether they honour W3C Trace Context
  The test listens at port 65535 under another number.

  Scenario: A service is asked
    Given "orders" listens at "http://127.0.0.1:65535/"
    And "orders" exports no spans
    Then "orders" honours W3C Trace Context over HTTP

  @nowhere
  Scenario: Nobody is there
    Given "orders" listens at "http://127.0.0.1:1/"
    And "orders" exports no spans
    Then "orders" honours W3C Trace Context over HTTP

  @senseless
  Scenario: It cannot be asked over that
    Given "orders" listens at "http://127.0.0.1:1/"
    Then "orders" honours W3C Trace Context over Kafka

  @senseless
  Scenario: There is no such boundary
    Then "orders" honours W3C Trace Context over pigeons

  @unmountable
  Scenario: No boundary is both
    Then "orders" honours W3C Trace Context over any call
    And "billing" honours W3C Trace Context over any queue

  @speaks
  Scenario: It speaks another format
    Given "orders" speaks "b3"
    Then "orders" honours W3C Trace Context over memory
