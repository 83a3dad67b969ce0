Feature: An adapter without its injection, or without its extraction
  The scenarios ask for what they cannot get: every one of them is to be red.

  Scenario: orders does not inject
    Given the hop from "orders" to "billing" suffers "F-01"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | any  | billing |
    Then the story is one connected tree
    And every hop keeps its relation

  Scenario: billing does not extract
    Given the hop from "orders" to "billing" suffers "F-14"
    When a request takes this route
      | from   | over | to      |
      | client | HTTP | orders  |
      | orders | any  | billing |
    Then the story is one connected tree
    And every hop keeps its relation

  Scenario: billing loses it inside
    Given the hop from "orders" to "billing" suffers "F-17"
    When a request takes this route
      | from    | over | to      |
      | client  | HTTP | orders  |
      | orders  | any  | billing |
      | billing | HTTP | audit   |
    Then the story is one connected tree
    And every hop keeps its relation
