//! The work for one message, under the span of another.

super::stories! {
"HOP-009" Keeps each_request_has_its_work_below_it "
client  HTTP gateway (2 in parallel) | a2 a3
gateway HTTP orders                  | a6 a7

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway client @1
        a8 orders server @1
  a3 client client @0
    a5 gateway server @0
      a7 gateway client @1
        a9 orders server @1
"
"HOP-009" Breaks the_work_for_two_requests_is_below_one "
client  HTTP gateway (2 in parallel) | a2 a3
gateway HTTP orders                  | a6 a7

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway client @1
        a8 orders server @1
      a7 gateway client @1
        a9 orders server @1
  a3 client client @0
    a5 gateway server @0
"
"HOP-009" Breaks of_four_sends_three_are_below_one "
client  HTTP   gateway (2 times) | a2 a3
gateway memory orders  (2 times) | a6 a7 a8 a9

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway producer @1
  a3 client client @0
    a5 gateway server @0
      a10 gateway internal
        a7 gateway producer @1
        a8 gateway producer @1
        a9 gateway producer @1
"
"HOP-009" Keeps of_a_handler_that_gave_up_nothing_is_said "
client  HTTP   gateway (2 times) | a2 a3
gateway memory orders  (2 times) | a6 a7

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway producer @1
      a7 gateway producer @1
  a3 client client @0
    a5 gateway server @0
"
"HOP-009" Keeps of_sends_that_bear_one_context_nothing_is_said "
client  HTTP   gateway (2 times) | a2 a3
gateway memory orders            | a6 a6

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway producer @1
  a3 client client @0
    a5 gateway server @0
      a7 gateway producer @1
"
"HOP-009" Keeps a_batch_has_one_context_for_all_of_it "
client  HTTP   gateway (2 times)  | a2 a3
gateway memory orders  (2 as one) | a6 a6 a7 a7

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway producer @1
  a3 client client @0
    a5 gateway server @0
      a7 gateway producer @1
"
"HOP-009" Breaks two_batches_are_below_one "
client  HTTP   gateway (2 times)  | a2 a3
gateway memory orders  (2 as one) | a6 a6 a7 a7

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway producer @1
      a7 gateway producer @1
  a3 client client @0
    a5 gateway server @0
"
"HOP-009" Keeps of_a_send_that_nobody_exported_nothing_is_said "
client  HTTP gateway (2 in parallel) | a2 a3
gateway HTTP orders                  | a6 a7

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway client @1
      a8 gateway client @1
  a3 client client @0
    a5 gateway server @0
"
"HOP-009" Keeps what_one_request_has_is_below_it "
client  HTTP gateway | a2
gateway HTTP orders  | a6

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway client @1
"
"LINK-013" Keeps each_message_has_its_work_below_it "
client  memory gateway follows-from (2 times) | a2 a3
gateway HTTP   orders                         | b6 c7

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0 ~a2
  b6 gateway client @1
c5 gateway consumer @0 ~a3
  c7 gateway client @1
"
"LINK-013" Breaks the_work_for_two_messages_is_below_one "
client  memory gateway follows-from (2 times) | a2 a3
gateway HTTP   orders                         | b6 b7

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0 ~a2
  b6 gateway client @1
  b7 gateway client @1
c5 gateway consumer @0 ~a3
"
"LINK-013" Keeps the_work_for_a_message_may_be_tied_to_it_by_itself "
client  memory gateway follows-from (2 times) | a2 a3
gateway HTTP   orders                         | b6 d7

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0 ~a2
  b6 gateway client @1
c5 gateway consumer @0 ~a3
d8 gateway internal ~a3
  d7 gateway client @1
"
"LINK-013" Keeps the_work_is_done_when_the_message_comes_again "
client  memory gateway follows-from (2 times) | a2 a3
gateway HTTP   orders                         | b6 d7

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0 ~a2
  b6 gateway client @1
c5 gateway consumer @0 ~a3 failed
d8 gateway consumer @0 ~a3
  d7 gateway client @1
"
"LINK-013" Keeps of_one_span_for_several_messages_nothing_is_said "
client  memory gateway follows-from (2 times) | a2 a3
gateway HTTP   orders                         | b6 b7

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0 ~a2 ~a3
  b6 gateway client @1
  b7 gateway client @1
"
"LINK-013" Keeps messages_that_are_taken_together_have_their_work_together "
client  memory gateway follows-from (2 times, taken as one) | a2 a3
gateway HTTP   orders                                       | b6

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0 ~a2 ~a3
  b6 gateway client @1
"
"LINK-013" Keeps of_messages_that_share_a_context_nothing_is_said "
client  memory gateway follows-from (2 as one) | a2 a2
gateway HTTP   orders                          | b6 b7

a1 client internal
  a2 client producer @0
b4 gateway consumer @0 ~a2
  b6 gateway client @1
  b7 gateway client @1
c5 gateway consumer @0 ~a2
"
"LINK-013" Keeps a_schedule_has_no_context_by_which_its_runs_could_be_told "
client  memory gateway root (2 times) | a2 a3
gateway HTTP   orders                 | b6 b7

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0
  b6 gateway client @1
  b7 gateway client @1
c5 gateway consumer @0
"
"LINK-013" Breaks it_shows_on_the_second_of_two_hops "
client  memory gateway follows-from (2 times) | a2 a3
gateway memory audit                          | b6 c7
gateway HTTP   orders                         | b8 b9

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 gateway consumer @0 ~a2
  b6 gateway producer @1
  b8 gateway client @2
  b9 gateway client @2
c5 gateway consumer @0 ~a3
  c7 gateway producer @1
"
"HOP-001" Breaks a_call_bears_the_context_of_the_one_before "
client  HTTP gateway (2 times) | a2 a3
gateway HTTP orders            | a6 a6

a1 client internal
  a2 client client @0
    a4 gateway server @0
      a6 gateway client @1
        a8 orders server @1
        a9 orders server @1
  a3 client client @0
    a5 gateway server @0
      a7 gateway client @1
"
"LINK-001" Breaks a_message_bears_the_context_of_the_one_before "
client memory orders follows-from (2 times) | a2 a2

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a2
"
"LINK-001" Keeps messages_of_one_send_share_its_context "
client memory orders follows-from (2 as one) | a2 a2

a1 client internal
  a2 client producer @0
  a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a2
"
"LINK-001" Keeps of_two_spans_for_each_send_the_inner_is_sent "
client memory orders follows-from (2 times) | a3 a3

a1 client internal
  a2 client producer @0
    a3 client producer @0
b4 orders consumer @0 ~a3
c5 orders consumer @0 ~a3
"
"LINK-001" Keeps of_two_spans_for_each_send_the_outer_is_sent "
client memory orders follows-from (2 times) | a2 a2

a1 client internal
  a2 client producer @0
    a3 client producer @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a2
"
"LINK-001" Keeps a_message_that_was_made_is_sent_by_another_span "
client memory orders follows-from (2 times) | a2 a3

a1 client internal
  a2 client producer create @0
  a3 client producer create @0
  a4 client client @0
b5 orders consumer @0 ~a2
c6 orders consumer @0 ~a3
"
"LINK-001" Keeps a_send_that_was_tried_again_bears_the_same_context "
client memory orders follows-from | a2 a2

a1 client internal
  a2 client producer @0
  a3 client client @0
b4 orders consumer @0 ~a2
c5 orders consumer @0 ~a2
"
"WIRE-018" Breaks a_call_is_made_twice_with_one_parent_id "
silent client orders
client HTTP orders (2 times) | a2 a2
"
"WIRE-018" Keeps each_of_two_calls_has_a_parent_id "
silent client orders
client HTTP orders (2 times) | a2 a3
"
"WIRE-018" Hides no_tap_saw_the_second_call "
silent client orders
client HTTP orders (2 times)
"
"HOP-004" Keeps two_calls_at_once_are_siblings "
client HTTP orders (2 in parallel) | a2 a3

a1 client internal
  a2 client client @0
    a4 orders server @0
  a3 client client @0
    a5 orders server @0
"
"HOP-004" Breaks one_of_two_calls_at_once_hangs_under_the_other "
client HTTP orders (2 in parallel) | a2 a3

a1 client internal
  a2 client client @0
    a4 orders server @0
    a3 client client @0
      a5 orders server @0
"
"HOP-004" Keeps a_retry_may_hang_under_the_call "
client HTTP orders                 | a2 a3
client HTTP billing                | a6

a1 client internal
  a2 client client @0
    a4 orders server @0
    a3 client client @0
      a5 orders server @0
  a6 client client @1
"
"HOP-004" Keeps the_inner_of_two_spans_for_a_call_is_below_the_outer "
client HTTP orders (2 in parallel) | a3 a5

a1 client internal
  a2 client client @0
    a3 client client @0
  a4 client client @0
    a5 client client @0
"
}
