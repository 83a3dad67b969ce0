//! Batches, streams, fan-out, redelivery, dead letters, schedules, messages from an outbox.

super::stories! {
"TREE-011" Keeps every_message_of_the_route_arrived "
client memory orders (2 times) | a2 a3

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~a2
  a3 client producer @0
    a5 orders consumer @0 ~a3
"
"TREE-011" Breaks one_of_two_messages_vanished_in_the_middle "
client memory orders (2 times) | a2 a3 → a2

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~a2
  a3 client producer @0
"
"TREE-011" Breaks one_of_two_messages_was_not_taken_or_vanished "
client SQS orders (2 times) | a2 a3 → a2

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~a2
  a3 client producer @0
"
"TREE-011" Breaks the_context_of_one_request_is_copied_onto_the_next "
client HTTP gateway (2 times) | a2 a3 → a2 a2

a1 client internal
  a2 client client @0
    a4 gateway server @0
    a5 gateway server @0
  a3 client client @0
"
"TREE-011" Breaks one_message_comes_twice_and_another_does_not "
client memory orders follows-from (3 times) | a2 a3 a4 → a2 a3 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
  a4 client producer @0
b1 orders consumer @0 ~a2
c1 orders consumer @0 ~a3
d1 orders consumer @0 ~a3
"
"TREE-011" Keeps one_of_two_messages_comes_twice "
client SQS orders follows-from (2 times) | a2 a3 → a2 a3 a2

a1 client internal
  a2 client producer @0
  a3 client producer @0
b1 orders consumer @0 ~a2
c1 orders consumer @0 ~a3
d1 orders consumer @0 ~a2
"
"TREE-011" Keeps a_dead_letter_comes_twice_and_another_message_was_no_dead_letter "
client AMQP orders follows-from (2 times)     | a2 a3
client AMQP morgue follows-from (dead letter) | a2 a3 → a2 a2

a1 client internal
  a2 client producer @0
  a3 client producer @0
b1 orders consumer @0 ~a2
c1 orders consumer @0 ~a3
d1 morgue consumer @1 ~a2
e1 morgue consumer @1 ~a2
"
"TREE-011" Keeps what_was_sent_beyond_what_is_due_need_not_arrive "
client memory orders follows-from (2 times) | a2 a3 a4 → a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
  a4 client producer @0
b1 orders consumer @0 ~a2
c1 orders consumer @0 ~a3
"
"TREE-011" Keeps a_tracing_middle_stands_between_each_of_two_requests "
client HTTP gateway (2 times) | a2 a3 → a4 a5

a1 client internal
  a2 client client @0
    a4 proxy internal
      a6 gateway server @0
  a3 client client @0
    a5 proxy internal
      a7 gateway server @0
"
"TREE-011" Breaks one_of_two_messages_was_refused "
client SQS orders follows-from (2 times) | a2 a3 → a2
refused 0 throttled

a1 client internal
  a2 client producer @0
  a3 client producer @0
b1 orders consumer @0 ~a2
"
"TREE-011" Breaks one_of_two_messages_was_never_sent "
client memory orders (2 times) | a2
orders memory audit            | a4

a1 client internal
  a2 client producer @0
    a3 orders consumer @0 ~a2
      a4 orders producer @1
        a5 audit consumer @1 ~a4
"
"HOP-005" Keeps each_attempt_has_a_span_and_the_second_is_counted "
client HTTP orders (fails once) | a2 a4

a1 client internal
  a2 client client @0
    a3 orders server @0
  a4 client client resend @0
    a5 orders server @0
"
"HOP-005" Keeps the_first_attempt_says_that_none_came_before "
client HTTP orders (fails once) | a2 a4

a1 client internal
  a2 client client first-send @0
    a3 orders server @0
  a4 client client resend @0
    a5 orders server @0
"
"HOP-005" Keeps one_span_stands_for_all_attempts_where_the_conventions_want_that "
client gRPC orders (fails once) | a2 a2

a1 client internal
  a2 client client @0
    a3 orders server @0
    a4 orders server @0
"
"HOP-005" Breaks one_span_hides_two_attempts "
client HTTP orders (fails once) | a2 a2

a1 client internal
  a2 client client @0
    a3 orders server @0
    a4 orders server @0
"
"HOP-005" Breaks the_second_attempt_does_not_say_that_it_is_one "
client HTTP orders (fails once) | a2 a4

a1 client internal
  a2 client client @0
    a3 orders server @0
  a4 client client @0
    a5 orders server @0
"
"HOP-005" Breaks two_spans_tell_of_one_call "
client gRPC orders (fails once) | a2 a4

a1 client internal
  a2 client client @0
    a3 orders server @0
  a4 client client @0
    a5 orders server @0
"
"HOP-005" Hides nobody_counted_the_attempts "
client HTTP orders (fails once)

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"HOP-005" Hides the_client_has_no_span_of_its_attempts "
client HTTP orders (fails once) | none none
silent client

b3 orders server @0
"
"HOP-005" Hides further_attempts_may_still_be_told_of "
client HTTP orders (fails once) | a2 a4
unsettled

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"HOP-006" Keeps the_server_knows_that_its_parent_is_elsewhere "
client HTTP orders | a2

a1 client internal
  a2 client client @0
    a3 orders server remote @0
"
"HOP-006" Breaks the_server_takes_its_client_for_a_neighbour "
client HTTP orders | a2

a1 client internal
  a2 client client @0
    a3 orders server local @0
"
"HOP-006" Hides there_is_no_server_span_to_say_so "
client HTTP orders | a2

a1 client internal
  a2 client client @0
"
"HOP-007" Keeps the_handlers_of_a_stream_are_below_its_span "
client gRPC orders (2 as one) | a2

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders internal
      a5 orders internal
"
"HOP-007" Breaks the_handler_of_one_message_is_elsewhere "
client gRPC orders (2 as one) | a2

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders internal
b5 orders internal @0
"
"HOP-007" Hides the_handlers_of_a_stream_may_still_come "
client gRPC orders (2 as one) | a2
unsettled

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders internal
"
"HOP-008" Keeps what_goes_on_is_below_the_answered_request "
client HTTP orders (in the background) | a2

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders internal
"
"HOP-008" Breaks what_goes_on_begins_anew "
client HTTP orders (in the background) | a2

a1 client internal
  a2 client client @0
    a3 orders server @0
b4 orders internal @0
"
"HOP-008" Hides nothing_is_seen_of_what_goes_on "
client HTTP orders (in the background) | a2
orders HTTP audit |

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"LINK-005" Keeps each_attempt_links_to_the_message "
client memory orders follows-from (fails once) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 orders consumer @0 ~a2
"
"LINK-005" Breaks the_second_attempt_begins_anew "
client memory orders follows-from (fails once) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 orders consumer @0
"
"LINK-005" Breaks an_attempt_has_no_span "
client memory orders follows-from (fails once) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-005" Hides the_second_attempt_may_still_come "
client memory orders follows-from (fails once) | a2
unsettled

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-005" Hides neither_tap_nor_sender_says_what_was_delivered_again "
client memory orders follows-from (fails once)

a1 client internal
b3 orders consumer @0 ~a2
c4 orders consumer @0 ~a2
"
"LINK-005" Hides the_second_attempt_is_not_sampled_either "
client memory orders child (fails once) | a2 → a2/00 a2/00

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"LINK-006" Keeps the_dead_letter_links_to_the_second_of_two_formats "
client SQS orders follows-from               | a2+xray:a3
client SQS morgue follows-from (dead letter) | a2+xray:a3

a1 client internal
  a2 client producer @0
    a3 client client
b4 orders consumer @0 ~a2
c5 morgue consumer @1 ~a3
"
"LINK-006" Keeps the_dead_letter_links_to_what_was_sent "
client AMQP orders follows-from               | a2
client AMQP morgue follows-from (dead letter) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 morgue consumer @1 ~a2
"
"LINK-006" Keeps the_dead_letter_links_to_the_span_of_what_moved_it "
client AMQP orders follows-from               | a2
client AMQP morgue follows-from (dead letter) | a2 → a5

a1 client internal
  a2 client producer @0
    a5 shovel producer
b3 orders consumer @0 ~a2
c4 morgue consumer @1 ~a5
"
"LINK-006" Keeps what_moved_the_dead_letter_links_to_it_and_begins_anew "
client AMQP orders follows-from               | a2
client AMQP morgue follows-from (dead letter) | a2 → d6

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
d5 shovel consumer ~a2
  d6 shovel producer
c4 morgue consumer @1 ~d6
"
"LINK-006" Keeps what_moved_the_dead_letter_continues_what_nobody_exported "
client AMQP orders follows-from               | a2
client AMQP morgue follows-from (dead letter) | a2 → a5
silent client

a5 shovel producer ^a2
b3 orders consumer @0 ~a2
c4 morgue consumer @1 ~a5
"
"LINK-006" Breaks what_moved_the_dead_letter_has_a_span_that_nothing_ties_to_it "
client AMQP orders follows-from               | a2
client AMQP morgue follows-from (dead letter) | a2 → d6

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
d5 shovel consumer
  d6 shovel producer
c4 morgue consumer @1 ~d6
"
"LINK-006" Breaks the_dead_letter_lost_its_headers "
client AMQP orders follows-from               | a2
client AMQP morgue follows-from (dead letter) | a2 → none

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 morgue consumer @1
"
"LINK-006" Breaks the_dead_letter_is_tied_to_what_moved_it "
client AMQP orders follows-from               | a2
client AMQP morgue follows-from (dead letter) | a2 → d9

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 morgue consumer @1 ~d9
"
"LINK-006" Hides nobody_saw_what_the_dead_letter_was_sent_with "
client AMQP orders follows-from | a2
client AMQP morgue follows-from (dead letter)

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 morgue consumer @1 ~a2
"
"LINK-007" Keeps both_receivers_link_to_the_one_message "
client memory orders follows-from                | a2
client memory audit  follows-from (same message) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 audit consumer @0 ~a2
"
"LINK-007" Keeps the_way_to_one_receiver_leads_through_a_tracing_mirror "
client Kafka orders follows-from                | a2 → a5
client Kafka audit  follows-from (same message) | a2

a1 client internal
  a2 client producer @0
    a5 mirror producer
b3 orders consumer @0 ~a5
c4 audit consumer @0 ~a2
"
"LINK-007" Breaks a_receiver_ties_to_what_another_of_them_got "
client Kafka orders follows-from                | a2 → a5
client Kafka audit  follows-from (same message) | a2

a1 client internal
  a2 client producer @0
    a5 mirror producer
b3 orders consumer @0 ~a5
c4 audit consumer @1 ~a5
"
"LINK-007" Breaks the_second_receiver_begins_anew "
client memory orders follows-from                | a2
client memory audit  follows-from (same message) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 audit consumer @1
"
"LINK-007" Breaks a_copy_of_the_message_was_changed "
client memory orders follows-from                | a2
client memory audit  follows-from (same message) | a2 → d9

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
c4 audit consumer @1 ~d9
"
"LINK-007" Hides one_of_the_receivers_has_no_span "
client memory orders follows-from                | a2
client memory audit  follows-from (same message) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-008" Keeps every_message_of_a_batch_bears_the_context_of_its_send "
client memory orders follows-from (2 as one) | a2 a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-008" Keeps every_message_of_a_batch_has_a_span_of_its_own "
client memory orders follows-from (2 as one) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2 ~a3
"
"LINK-008" Breaks the_first_message_of_a_batch_alone_bears_a_context "
client memory orders follows-from (2 as one) | a2 none

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-008" Breaks the_messages_of_a_batch_bear_contexts_that_nobody_knows "
client memory orders follows-from (2 as one) | a2 a9

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-008" Hides no_tap_saw_the_batch "
client memory orders follows-from (2 as one)

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-008" Hides the_tap_saw_no_batch "
client memory orders follows-from (2 as one) |

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-009" Keeps the_consumer_links_to_the_poll_that_brought_it "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a4 orders consumer @0 ~b3
b3 orders client receive @0 ~a2
"
"LINK-009" Breaks the_poll_is_forgotten "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a4 orders consumer @0
b3 orders client receive @0 ~a2
"
"LINK-009" Hides what_was_polled_may_still_be_processed "
client memory orders child | a2
unsettled

a1 client internal
  a2 client producer @0
    a4 orders consumer @0
b3 orders client receive @0 ~a2
"
"LINK-010" Keeps every_run_has_a_trace_of_its_own "
client memory orders root (2 times) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0
c5 orders consumer @0
"
"LINK-010" Keeps the_run_is_received_under_a_consumer_of_its_own "
client Kafka orders root | a2

a1 client internal
  a2 client producer @0
b3 orders consumer receive @0 =t+receive
  b4 orders consumer @0 ~a2
"
"LINK-010" Keeps two_spans_of_one_run_are_no_other_run "
client Kafka orders root | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0
  b4 orders consumer @0
"
"LINK-010" Breaks the_second_run_goes_on_with_the_first "
client memory orders root (2 times) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0
  b5 orders consumer @0
"
"LINK-010" Breaks the_second_run_links_to_the_first "
client memory orders root (2 times) | a2 a3

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0
c5 orders consumer @0 ~b4
"
"LINK-010" Hides another_run_may_still_come "
client memory orders root (2 times) | a2 a3
unsettled

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0
"
"LINK-011" Keeps the_message_bears_what_it_was_made_with "
client memory orders follows-from (from the outbox) | a2

a1 client internal
  a2 client producer create @0
    a3 client client @0
b4 orders consumer @0 ~a2
"
"LINK-011" Breaks the_relay_puts_its_own_context_in_the_place "
client memory orders follows-from (from the outbox) | c3

a1 client internal
  a2 client producer create @0
c3 client client @0
b4 orders consumer @0 ~c3
"
"LINK-011" Breaks the_relay_takes_the_context_out "
client memory orders follows-from (from the outbox) | none

a1 client internal
  a2 client producer create @0
    a3 client client @0
b4 orders consumer @0
"
"LINK-011" Hides nothing_tells_how_the_message_was_made "
client memory orders follows-from (from the outbox) | a2

a1 client internal
  a2 client producer @0
b4 orders consumer @0 ~a2
"
"LINK-011" Hides no_tap_saw_what_the_relay_sent "
client memory orders follows-from (from the outbox)

a1 client internal
  a2 client producer create @0
b4 orders consumer @0 ~a2
"
"LINK-012" Keeps the_producer_does_not_wait_for_its_consumer "
client memory orders follows-from (held) | a2

a1 client internal
  a2 client producer early @0
b3 orders consumer @0 ~a2
"
"LINK-012" Breaks the_producer_ends_with_its_consumer "
client memory orders follows-from (held) | a2

a1 client internal
  a2 client producer late @0
b3 orders consumer @0 ~a2
"
"LINK-012" Hides nobody_held_the_consumer "
client memory orders follows-from (held) | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"LINK-012" Hides the_producer_exports_nothing "
client memory orders follows-from (held) | a2
silent client

b3 orders consumer @0 ~a2
"
"LINK-012" Hides the_producer_is_not_sampled "
client  HTTP   orders                 | a2
orders  memory billing follows-from (held) | a4/00

a1 client internal
  a2 client client @0
    a3 orders server @0
b5 billing consumer @1 ~a4
"
"LINK-014" Keeps the_child_is_linked_as_well "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0 ~a2
"
"LINK-014" Breaks the_child_has_no_link "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"LINK-014" Hides the_child_may_still_come "
client memory orders child | a2
unsettled

a1 client internal
  a2 client producer @0
    a3 orders consumer @0 ~a2
"
"HOP-005" Hides the_client_made_no_span_of_its_attempts "
client HTTP orders (fails once) | none none

a1 client internal
b3 orders server @0
"
"LINK-005" Keeps each_attempt_is_a_child_of_the_message "
client memory orders child (fails once) | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
    a4 orders consumer @0
"
"LINK-008" Breaks no_message_of_a_batch_bears_a_context "
client memory orders follows-from (2 as one) | none none

a1 client internal
  a2 client producer @0
b3 orders consumer @0
"
}
