Feature: An image that is not here

  Scenario: a subject whose image is missing
    Given "orders" runs the image "unbroken/nobody-built-this:7" on port 8080, ready when it logs "ready"
    When a request takes this route
      | from   | over | to     |
      | client | HTTP | orders |
    Then the story is one connected tree
