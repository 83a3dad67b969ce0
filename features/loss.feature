Feature: A loss is found on the hop where it happens, and the side that lost it is named

  @HOP-001
  Scenario: A caller that does not inject
    Given the hop from "orders" to "billing" suffers "F-01"
    When a request takes this route
      | from    | over     | to      |
      | client  | HTTP     | orders  |
      | orders  | any call | billing |
      | billing | HTTP     | audit   |
    Then the hop to "billing" breaks "HOP-001", and "orders" is to blame
    And the hop to "billing" breaks "TREE-005", and "orders" is to blame
    And the hop to "billing" breaks "TREE-006", and "orders" is to blame

  @HOP-001
  Scenario: A server that does not extract
    Given the hop from "orders" to "billing" suffers "F-14"
    When a request takes this route
      | from    | over     | to      |
      | client  | HTTP     | orders  |
      | orders  | any call | billing |
      | billing | HTTP     | audit   |
    Then the hop to "billing" breaks "HOP-001", and "billing" is to blame
    And the hop to "billing" breaks "TREE-005", and "billing" is to blame
    And the hop to "billing" breaks "TREE-006", and "billing" is to blame

  @HOP-009
  Scenario: A server whose handler works outside of its span
    Given the hop from "orders" to "billing" suffers "F-17"
    When a request takes this route
      | from    | over     | to      |
      | client  | HTTP     | orders  |
      | orders  | any call | billing |
      | billing | HTTP     | audit   |
    Then the hop to "billing" breaks "HOP-009", and "billing" is to blame

  @LINK-001
  Scenario: A producer that does not inject
    Given the hop from "orders" to "billing" suffers "F-01"
    When a request takes this route
      | from    | over      | to      | as           |
      | client  | HTTP      | orders  |              |
      | orders  | any queue | billing | follows-from |
      | billing | HTTP      | audit   |              |
    Then the hop to "billing" breaks "LINK-001", and "orders" is to blame
    And the hop to "billing" breaks "TREE-005", and "orders" is to blame
    And the hop to "billing" breaks "TREE-006", and "orders" is to blame

  @LINK-001
  Scenario: A consumer that does not extract
    Given the hop from "orders" to "billing" suffers "F-14"
    When a request takes this route
      | from    | over      | to      | as           |
      | client  | HTTP      | orders  |              |
      | orders  | any queue | billing | follows-from |
      | billing | HTTP      | audit   |              |
    Then the hop to "billing" breaks "LINK-001", and "billing" is to blame
    And the hop to "billing" breaks "TREE-005", and "billing" is to blame
    And the hop to "billing" breaks "TREE-006", and "billing" is to blame

  @LINK-013
  Scenario: A consumer whose handler works outside of its span
    Given the hop from "orders" to "billing" suffers "F-17"
    When a request takes this route
      | from    | over      | to      |
      | client  | HTTP      | orders  |
      | orders  | any queue | billing |
      | billing | HTTP      | audit   |
    Then the hop to "billing" breaks "LINK-013", and "billing" is to blame
