Feature: A service honours W3C Trace Context by itself
  The cases of `unbroken check`, asked over every boundary there is. The reference service keeps every must-rule of all
  of them.

  @WIRE-002
  Scenario: The reference service honours it as is usual there
    Then "orders" honours W3C Trace Context over any boundary

  @WIRE-002
  Scenario: The reference service honours it as a child
    Then "orders" honours W3C Trace Context over any boundary as a child

  @WIRE-002 @LINK-003
  Scenario: The reference service honours it as what follows from a message
    Then "orders" honours W3C Trace Context over any queue as follows-from

  @WIRE-002
  Scenario: Who exports no spans is judged by what it sends on
    Given "orders" exports no spans
    Then "orders" honours W3C Trace Context over any boundary as a child

  @WIRE-002
  Scenario: A service in a container is called, and calls out of it
    Given "orders" runs in a container
    Then "orders" honours W3C Trace Context over any call

  @WIRE-002
  Scenario: A service in a container is sent messages
    Given "orders" runs in a container
    Then "orders" honours W3C Trace Context over any broker

  @WIRE-002
  Scenario: A service that others wrote is asked likewise
    Given "gateway" runs the image "unbroken/python-fastapi:1" on port 8080, ready when it logs "Uvicorn running on"
    Then "gateway" honours W3C Trace Context over HTTP
