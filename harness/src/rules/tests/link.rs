//! Messages.

super::stories! {
"LINK-001" Keeps the_consumer_links_to_the_context_of_the_message "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-001" Keeps either_tie_is_enough_unless_the_route_says_more "
client memory orders | a2
client memory audit  | a4

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
  a4 client producer @1
b5 audit consumer @1 ~a4
"
"LINK-001" Breaks a_child_without_the_link_that_is_due "
client memory orders child+link | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"LINK-001" Breaks a_child_where_a_link_is_due "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"LINK-001" Breaks a_child_of_one_message_that_links_to_another "
client memory orders child+link | a2 a3

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~a3
  a3 client producer @0
    a5 orders consumer @0 ~a2
"
"LINK-001" Breaks scheduled_work_continues_the_trace_that_started_it "
client memory orders root | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"LINK-001" Keeps scheduled_work_needs_neither_tap_nor_sender "
client memory orders root

a1 client internal
b3 orders consumer @0
"
"LINK-001" Keeps a_receive_span_above_the_consumer_is_ambient "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive @0 ~a2
  b4 orders consumer @0 ~a2
"
"LINK-001" Keeps a_receive_span_that_is_a_consumer_is_ambient_as_well "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 %boto3sqs =q+receive
  b4 orders consumer @0 ~a2
"
"LINK-001" Keeps a_consumer_that_receives_is_ambient_where_another_processes "
client Kafka orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer receive @0 =t+receive
  b4 orders consumer @0 ~a2
    b5 orders internal
"
"LINK-001" Keeps a_consumer_that_receives_is_tied_and_another_below_it_is_not "
client AMQP orders | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer receive @0
      a4 orders consumer @0
"
"LINK-001" Breaks a_consumer_that_receives_is_all_there_is "
client Kafka orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer receive @0 =t+receive
c4 orders client receive @0
"
"LINK-001" Keeps a_poll_that_brought_nothing_accounts_for_nothing "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 %aws-sdk =q+receive ~a2
c4 orders consumer @0 %aws-sdk =q+receive
"
"LINK-001" Breaks a_receive_span_that_ties_to_nothing_is_all_there_is "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 %aws-sdk =q+receive
"
"LINK-001" Breaks the_receive_span_is_linked_and_the_consumer_is_not "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive @0 ~a2
  b4 orders consumer @0
"
"LINK-001" Keeps what_hands_the_message_on_links_to_it_and_begins_anew "
client AMQP orders follows-from | a2 → d5

a1 client internal
  a2 client producer @0
d4 shovel consumer ~a2
  d5 shovel producer
b3 orders consumer @0 ~d5
"
"LINK-001" Keeps linked_under_a_span_of_what_hands_the_message_on "
client memory orders follows-from | a2 → a5

a1 client internal
  a2 client producer @0
    a4 mirror internal
      a5 mirror producer
      a6 orders consumer @0 ~a5
"
"LINK-001" Breaks linked_under_the_work_of_the_service_that_sends_on "
client HTTP   orders               | a2
orders memory billing follows-from | a5

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders internal
        a5 orders producer @1
        a6 billing consumer @1 ~a5
"
"LINK-001" Breaks linked_under_a_span_of_the_sender_that_is_not_the_cause "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
  a3 orders consumer @0 ~a2
"
"LINK-001" Hides the_tap_saw_no_message_and_the_consumer_is_there "
client memory orders follows-from | a2 →

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-001" Keeps the_receiver_follows_the_second_of_two_formats "
client SQS orders | a2+xray:a3

a1 client internal
  a2 client producer @0
    a3 client client
      a4 orders consumer @0
"
"LINK-001" Keeps the_receiver_follows_the_first_of_two_formats "
client SQS orders | a2+xray:a3

a1 client internal
  a2 client producer @0
    a3 client client
    a4 orders consumer @0
"
"LINK-001" Breaks the_receiver_follows_neither_of_two_formats "
client SQS orders | a2+xray:a3

a1 client internal
  a2 client producer @0
    a3 client client
  a4 orders consumer @0
"
"LINK-001" Breaks another_service_follows_the_second_of_two_formats "
client SQS orders | a2+xray:a3

a1 client internal
  a2 client producer @0
    a3 client client
      a5 billing internal
  a4 orders consumer @0
"
"LINK-001" Breaks the_receiver_is_said_to_read_the_first_of_two_formats "
speaks orders tracecontext
client SQS orders | a2+xray:a3

a1 client internal
  a2 client producer @0
    a3 client client
      a4 orders consumer @0
"
"LINK-002" Keeps each_of_two_messages_in_two_formats_counts_once "
client SQS orders follows-from (2 times) | a2+xray:a3 a4+xray:a5

a1 client internal
  a2 client producer @0
    a3 client client
  a4 client producer @0
    a5 client client
b6 orders consumer @0 ~a3 ~a4
"
"LINK-002" Breaks one_of_two_messages_in_two_formats_is_missing "
client SQS orders follows-from (2 times) | a2+xray:a3 a4+xray:a5

a1 client internal
  a2 client producer @0
    a3 client client
  a4 client producer @0
    a5 client client
b6 orders consumer @0 ~a3
"
"LINK-003" Breaks the_second_of_two_formats_is_the_parent "
client SQS orders follows-from | a2+xray:a3

a1 client internal
  a2 client producer @0
    a3 client client
      a4 orders consumer @0 ~a3
"
"LINK-002" Keeps a_batch_links_to_each_message_once "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2 ~a3
"
"LINK-004" Keeps a_reply_is_taken_while_the_span_of_the_request_is_still_open "
client memory orders follows-from         | a2
orders memory client follows-from (reply) | b4

a1 client internal
  a2 client producer @0
    a5 client consumer @1 ~b4
b3 orders consumer @0 ~a2
  b4 orders producer @1
"
"LINK-004" Breaks a_linked_consumer_hangs_under_the_message_of_another "
client memory orders follows-from | a2
client memory audit  follows-from | a3

a1 client internal
  a2 client producer @0
  a3 client producer @1
    a4 orders consumer @0 ~a2
b5 audit consumer @1 ~a3
"
"LINK-002" Keeps a_receive_span_links_to_all_messages_beside_a_span_for_each "
client Kafka orders (2 times) | a2 a3

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~a2
  a3 client producer @0
    a5 orders consumer @0 ~a3
b6 orders consumer receive @0 ~a2 ~a3
"
"LINK-001" Keeps a_receive_span_that_links_to_all_is_ambient "
client Kafka orders child (2 times) | a2 a3

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~a2
  a3 client producer @0
    a5 orders consumer @0 ~a3
b6 orders consumer receive @0 ~a2 ~a3
"
"LINK-002" Keeps each_attempt_at_what_is_rejected_in_the_end_is_tied "
client AMQP orders follows-from (2 times)     | a2 a3
client AMQP morgue follows-from (dead letter) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b1 orders consumer @0 ~a2
c1 orders consumer @0 ~a2
d1 orders consumer @0 ~a3
e1 orders consumer @0 ~a3
f1 morgue consumer @1 ~a2
f2 morgue consumer @1 ~a3
"
"LINK-002" Breaks one_of_two_messages_that_are_rejected_is_tied_twice_by_one_attempt "
client AMQP orders follows-from (2 times)     | a2 a3
client AMQP morgue follows-from (dead letter) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b1 orders consumer @0 ~a2 ~a2
d1 orders consumer @0 ~a3
f1 morgue consumer @1 ~a2
f2 morgue consumer @1 ~a3
"
"LINK-002" Keeps one_of_two_messages_is_not_sampled_and_its_child_is_not_recorded "
client memory orders child (2 times) | a2 a9/00

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"LINK-002" Breaks one_of_two_sampled_messages_has_no_child_beside_one_that_is_not_sampled "
client memory orders child (3 times) | a2 a3 a9/00

a1 client internal
  a2 client producer @0
    a4 orders consumer @0
  a3 client producer @0
"
"LINK-002" Breaks a_new_trace_does_not_link_to_a_message_that_is_not_sampled "
client memory orders follows-from (2 times) | a2 a9/00

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-002" Keeps one_consumer_for_each_message_below_a_receive_span_that_links_to_all "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders client receive @0 ~a2 ~a3
  b5 orders consumer @0 ~a2
  b6 orders consumer @0 ~a3
"
"LINK-002" Keeps a_message_that_is_delivered_again_is_accounted_for_again "
client memory orders follows-from | a2 a3 → a2 a3 a2

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a3
d6 orders consumer @0 ~a2
"
"LINK-002" Keeps a_parent_that_is_linked_as_well_is_one_tie "
client memory orders child+link | a2 a4

a1 client internal
  a2 client producer @0
    a3 orders consumer @0 ~a2
  a4 client producer @0
    a5 orders consumer @0 ~a4
"
"LINK-002" Keeps messages_that_share_a_context_are_one_tie "
client memory orders follows-from | a2 a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2 ~a3
"
"LINK-002" Keeps an_attempt_that_failed_is_made_again_where_the_tap_sees_one_delivery "
client Kafka orders follows-from (2 times) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a3 failed
d6 orders consumer @0 ~a3
"
"LINK-002" Keeps an_attempt_that_failed_accounts_for_its_message "
client Kafka orders follows-from (2 times) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a3 failed
"
"LINK-002" Keeps a_span_below_another_is_part_of_the_account_of_one_of_two_messages "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
  b5 orders consumer @0 ~a2
c6 orders consumer @0 ~a3
"
"LINK-002" Keeps a_span_links_once_for_each_message_of_two_that_share_a_context "
client memory orders follows-from | a2 a2 a5 a5

a1 client internal
  a2 client producer @0
  a5 client producer @0
b4 orders consumer @0 ~a2 ~a2 ~a5 ~a5
"
"LINK-002" Breaks a_span_links_more_often_than_there_are_messages_that_share_a_context "
client memory orders follows-from | a2 a2 a5 a5

a1 client internal
  a2 client producer @0
  a5 client producer @0
b4 orders consumer @0 ~a2 ~a5 ~a5 ~a5
"
"LINK-002" Breaks two_spans_account_for_one_of_two_messages "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a3
d6 orders consumer @0 ~a3
"
"LINK-002" Breaks a_batch_misses_a_message "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
"
"LINK-002" Breaks a_batch_links_to_a_message_twice "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2 ~a3 ~a3
"
"LINK-002" Breaks the_last_message_is_the_parent_of_all "
client memory orders either | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
    a4 orders consumer @0
    a5 orders consumer @0
"
"LINK-002" Hides nobody_accounts_for_either_of_two_messages "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
"
"LINK-002" Hides nobody_saw_which_messages_arrived "
client memory orders follows-from

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2 ~a3
"
"LINK-002" Hides further_consumers_may_still_come "
client memory orders follows-from | a2 a3
unsettled

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
"
"LINK-003" Keeps the_parent_is_an_ambient_span "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive
  b4 orders consumer @0 ~a2
"
"LINK-003" Breaks the_cause_is_the_parent_though_a_link_is_there_too "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0 ~a2
"
"LINK-003" Hides neither_tap_nor_sender_tells_the_cause "
client memory orders follows-from

a1 client internal
b3 orders consumer @0 ~a2
"
"LINK-004" Keeps each_consumer_is_tied_to_its_own_message "
client memory orders | a2
client memory orders | a4

a1 client internal
  a2 client producer @0
    a3 orders consumer @0 ~a2
  a4 client producer @1
    a5 orders consumer @1 ~a4
"
"LINK-004" Keeps one_span_accounts_for_the_messages_of_two_queues "
client memory orders follows-from | a2
client memory orders follows-from | a3

a1 client internal
  a2 client producer @0
  a3 client producer @1
b4 orders consumer @0 @1 ~a2 ~a3
"
"LINK-004" Breaks a_consumer_is_tied_to_its_neighbours_message "
client memory orders follows-from | a2
client memory orders follows-from | a3

a1 client internal
  a2 client producer @0
  a3 client producer @1
b4 orders consumer @0 ~a2
c5 orders consumer @1 ~a2
"
"LINK-004" Breaks the_first_message_is_the_parent_of_all "
client memory orders | a2
client memory orders | a3

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~a2
    a5 orders consumer @1 ~a3
  a3 client producer @1
"
"LINK-004" Hides no_tap_saw_the_message "
client memory orders follows-from

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-013" Keeps the_work_is_below_the_consumer_or_tied_to_the_message "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive
  b4 orders consumer @0 ~a2
    b5 orders internal
c6 orders internal ~a2
  c7 orders internal
"
"LINK-013" Breaks the_handler_hangs_under_the_poll_and_not_under_the_consumer "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive
  b4 orders consumer @0 ~a2
  b5 orders internal
"
"LINK-013" Breaks the_handler_begins_anew_and_takes_the_next_message_with_it "
client memory orders  follows-from | a2
orders memory billing follows-from | c5

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 orders internal
  c5 orders producer @1
d6 billing consumer @1 ~c5
"
"LINK-013" Hides the_consumer_has_no_span "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
c6 orders internal @0
"
"LINK-013" Hides a_service_that_sends_on_shows_nothing_of_its_work "
client memory orders  follows-from | a2
orders memory billing follows-from |

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-015" Hides nobody_accounts_for_a_message "
client memory orders | a2

a1 client internal
  a2 client producer @0
"
"LINK-015" Keeps each_message_has_one_span "
client memory orders follows-from | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a3
"
"LINK-015" Keeps an_attempt_that_failed_is_followed_by_one_that_did_not "
client memory orders follows-from | a2 → a2 a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2 failed
c4 orders consumer @0 ~a2
"
"LINK-015" Keeps messages_that_share_a_context_have_a_span_each "
client memory orders follows-from | a2 a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 orders consumer @0 ~a2
"
"LINK-015" Keeps a_span_below_another_is_part_of_the_same_account "
client memory orders child+link | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0 ~a2
      a4 orders consumer @0 ~a2
"
"LINK-015" Breaks two_spans_for_a_message_hang_under_a_circle "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2 ^b5
b4 orders consumer @0 ~a2 ^b6
b5 orders internal ^b7
b6 orders internal ^b5
b7 orders internal ^b6
"
"LINK-015" Breaks the_middle_delivered_a_message_twice "
client memory orders follows-from | a2@q → a2@q a2@q

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 orders consumer @0 ~a2
"
"LINK-015" Breaks the_consumer_is_instrumented_twice "
client memory orders | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
    a4 orders consumer @0
"
"LINK-015" Breaks a_batch_holds_a_message_that_was_already_done "
client memory orders follows-from | a2 a3 a4 → a2 a3 a3 a4

a1 client internal
  a2 client producer @0
  a3 client producer @0
  a4 client producer @0
b5 orders consumer @0 ~a2 ~a3
c6 orders consumer @0 ~a3 ~a4
"
"LINK-015" Hides no_tap_counted_the_messages "
client memory orders

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"LINK-015" Hides spans_that_account_for_it_may_still_come "
client memory orders | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
unsettled
"
}
