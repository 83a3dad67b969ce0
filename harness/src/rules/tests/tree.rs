//! The story as a whole.

super::stories! {
"TREE-001" Keeps each_trace_of_a_story_begins_once "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway producer @1
b5 orders client receive
  b6 orders consumer @1 ~a4
"
"TREE-001" Breaks a_second_root_in_the_trace_of_the_entry "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
a4 gateway internal
"
"TREE-001" Breaks a_trace_whose_root_was_never_exported "
client HTTP   gateway             | a2
gateway memory orders follows-from | a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway producer @1
b6 orders consumer @1 ~a4 ^b9
"
"TREE-001" Breaks five_roots_are_all_named "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
a4 gateway internal
a5 gateway internal
a6 gateway internal
a7 gateway internal
"
"TREE-001" Breaks of_six_roots_five_are_named "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
a4 gateway internal
a5 gateway internal
a6 gateway internal
a7 gateway internal
a8 gateway internal
"
"TREE-001" Breaks a_request_of_which_nothing_was_exported "
client HTTP gateway | a2
"
"TREE-001" Keeps what_continues_a_context_of_the_harness_has_its_root_there "
client HTTP gateway | a2
silent client
sent a2

a3 gateway server @0 ^a2
"
"TREE-001" Keeps a_root_that_was_exported_twice_is_one_root "
client HTTP gateway | a2

a1 client internal
a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-001" Hides roots_are_not_counted_before_all_have_come "
client HTTP gateway | a2
unsettled

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-002" Keeps every_parent_is_there "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-002" Breaks the_span_of_the_client_was_never_exported "
client HTTP gateway | a2

a1 client internal
a3 gateway server @0 ^a2
"
"TREE-002" Breaks the_span_above_the_work_was_never_exported "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
a5 gateway internal ^a4
"
"TREE-002" Keeps a_context_that_the_harness_sent_is_present "
client HTTP gateway | a2
silent client
sent a2

a3 gateway server @0 ^a2
"
"TREE-002" Hides the_parent_is_of_a_service_that_exports_nothing "
client  HTTP gateway | a2
gateway HTTP orders  | a4
silent gateway

a1 client internal
  a2 client client @0
a5 orders server @1 ^a4
"
"TREE-002" Breaks the_parent_is_not_the_one_that_the_silent_service_sent "
client  HTTP gateway | a2
gateway HTTP orders  | a4
silent gateway

a1 client internal
  a2 client client @0
a5 orders server @1 ^a9
"
"TREE-003" Keeps every_way_up_ends_in_a_root_though_links_run_in_a_circle "
client memory orders follows-from | a2

a1 client internal ~b3
  a2 client producer @0
b3 orders consumer @0 ~a2
"
"TREE-003" Breaks a_span_is_its_own_parent "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
a4 gateway internal ^a4
"
"TREE-003" Breaks two_spans_are_each_others_parents_and_a_third_hangs_below "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
a3 gateway server @0 ^a4
  a4 gateway internal
    a5 gateway internal
"
"TREE-003" Breaks a_circle_over_two_hops_is_laid_to_the_first_of_them "
client  HTTP gateway | a2
gateway HTTP orders  | a4

a1 client internal
  a2 client client @0
a3 gateway server @0 ^a5
  a4 gateway client @1
    a5 orders server @1
"
"TREE-003" Breaks nor_does_it_matter_how_many_spans_there_are "
client  HTTP gateway | a2
gateway HTTP orders  | a4

a1 client internal
  a2 client client @0
a3 gateway server @0 ^a5
  a4 gateway client @1
    a5 orders server @1
      a6 orders internal
"
"TREE-004" Breaks a_server_takes_the_id_of_its_client "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
  a2 gateway server @0
"
"TREE-004" Breaks a_server_takes_the_id_of_its_client_and_begins_anew "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
a2 gateway server @0
"
"TREE-001" Breaks of_two_roots_that_play_a_part_the_one_of_the_entry_is_the_beginning "
client  HTTP gateway | a2
gateway HTTP orders  | a4

a2 client client @0
  a3 gateway server @0
    a4 gateway client @1
      a5 orders server @1
a6 orders internal
"
"TREE-004" Keeps the_same_span_id_in_two_traces_is_two_spans "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b2 orders consumer @0 ~a2
"
"TREE-004" Breaks a_span_that_was_exported_twice_and_nothing_else_is_wrong "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
    a3 gateway server @0
"
"TREE-004" Breaks two_different_spans_have_the_same_id "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a3 gateway internal
"
"TREE-005" Keeps every_hop_is_reached_over_parents_and_links "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | a4
orders  HTTP   billing              | b7

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway producer @1
b6 orders consumer @1 ~a4
  b7 orders client @2
    b8 billing server @2
"
"TREE-005" Keeps what_receives_is_ambient_where_another_consumer_processes "
client Kafka orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders consumer receive @0 =t+receive
  b4 orders consumer @0 ~a2
    b5 orders internal
"
"TREE-005" Breaks the_receiver_begins_anew_and_all_that_follows_is_cut_off_with_it "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | b4

a1 client internal
  a2 client client @0
b3 gateway server @0
  b4 gateway producer @1
c6 orders consumer @1 ~b4
  c7 orders internal
"
"TREE-005" Breaks the_call_is_made_outside_of_the_request "
client HTTP gateway | b2

a1 client internal
b2 client client @0
  b3 gateway server @0
"
"TREE-005" Breaks the_work_is_done_outside_of_the_request "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | b5

a1 client internal
  a2 client client @0
    a3 gateway server @0
b4 gateway internal
  b5 gateway producer @1
c6 orders consumer @1 ~b5
"
"TREE-005" Keeps scheduled_work_begins_anew_on_purpose "
client memory orders root | a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0
  b4 orders internal
"
"TREE-005" Breaks a_cause_that_is_a_root_begins_no_story_though_it_names_scheduled_work "
client  HTTP   gateway      | a2
gateway memory orders  root | b4

a1 client internal
  a2 client client @0
    a3 gateway server @0
b4 gateway producer @1
c5 orders consumer @1
"
"TREE-005" Hides nothing_was_seen_of_the_last_hop "
client  HTTP gateway | a2
gateway HTTP orders

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-005" Hides nothing_was_seen_of_a_hop_to_a_silent_service "
client  HTTP gateway | a2
gateway HTTP orders
silent orders

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-005" Hides nothing_can_be_seen_of_a_hop_between_silent_services "
client  HTTP gateway | a2
gateway HTTP orders
silent gateway
silent orders

a1 client internal
  a2 client client @0
"
"TREE-005" Hides what_is_linked_to_hidden_work_is_hidden_with_it "
client HTTP   gateway              | a2
gateway HTTP   orders              | a4
orders  memory billing follows-from | a6
silent gateway

a1 client internal
  a2 client client @0
a5 orders server @1 ^a4
  a6 orders producer @2
b7 billing consumer @2 ~a6
"
"TREE-005" Hides the_way_leads_through_a_service_that_exports_nothing "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | a4
silent gateway

a1 client internal
  a2 client client @0
b5 orders consumer @1 ~a4
  b6 orders internal
"
"TREE-006" Keeps all_work_is_in_the_story_or_in_a_trace_that_links_into_it "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive
  b4 orders consumer @0 ~a2
    b5 orders internal
"
"TREE-006" Breaks what_is_called_under_a_poll_may_be_the_work "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
b4 orders client receive @0
  b5 orders client
"
"TREE-006" Breaks work_of_nobody_on_the_route_stands_alone "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
b4 stranger internal @0
"
"TREE-006" Breaks the_consumer_is_tied_to_nothing "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive
  b4 orders consumer @0
    b5 orders internal
"
"TREE-006" Breaks a_link_out_of_the_story_joins_nothing "
client HTTP gateway | a2

a1 client internal ~b4
  a2 client client @0
    a3 gateway server @0
b4 gateway internal
"
"TREE-006" Hides work_may_still_be_tied_by_what_has_not_come "
client HTTP gateway | a2
unsettled

a1 client internal
b4 gateway internal
"
"TREE-006" Hides a_silent_service_may_have_tied_the_work_to_the_story "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | a4
silent gateway

a1 client internal
  a2 client client @0
b5 orders consumer @1 ~a4
"
"TREE-007" Keeps ids_that_are_ids "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-007" Breaks a_span_of_the_sender_is_malformed "
client HTTP gateway | a2
malformed client @0

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-007" Breaks a_malformed_span_of_neither_side_is_put_on_no_hop "
client HTTP gateway | a2
malformed orders @0

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-007" Breaks an_id_that_is_all_zero "
client HTTP gateway | a2
malformed gateway internal @0

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-008" Keeps nothing_was_dropped "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-008" Breaks a_dropped_event_is_a_pity "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0 dropped-events
"
"TREE-008" Breaks a_dropped_link_breaks_the_trace "
client HTTP gateway | a2

a1 client internal dropped-links
  a2 client client @0
    a3 gateway server @0
"
"TREE-009" Keeps the_entry_is_a_client_and_may_begin_with_a_client_span "
client HTTP gateway | a2

a2 client client @0
  a3 gateway server @0
"
"TREE-009" Breaks somebody_else_calls_outside_of_any_span "
client HTTP gateway | a2

a1 scheduler client
  a2 client client @0
    a3 gateway server @0
"
"TREE-009" Keeps a_receive_span_may_be_the_root "
client HTTP gateway | a2

a1 scheduler client receive
  a2 client client @0
    a3 gateway server @0
"
"TREE-009" Hides there_is_no_root_to_look_at "
client HTTP gateway | a2

a3 gateway server @0 ^a2
"
"TREE-010" Keeps plumbing_within_the_story_is_no_matter "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
b3 orders client receive
  b4 orders consumer @0 ~a2
"
"TREE-010" Breaks a_poll_has_a_trace_of_its_own "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
b4 orders client receive @0
"
"TREE-010" Breaks plumbing_has_a_trace_of_its_own_with_the_calls_that_it_made "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
b4 orders client =SQS.DeleteMessage
  b5 orders client
"
"TREE-010" Hides a_poll_may_still_be_tied_to_the_story "
client memory orders child | a2
unsettled

a1 client internal
b4 orders client receive @0
"
"TREE-011" Keeps both_sides_of_every_hop_have_their_spans "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-011" Breaks the_receiver_exported_no_span "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
"
"TREE-011" Breaks the_sender_exported_no_span "
client HTTP gateway | a2

a1 client internal
a3 gateway server @0 ^a2
"
"TREE-011" Breaks the_sender_sent_nothing "
client  HTTP   gateway              | a2
gateway memory orders  follows-from |

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"TREE-011" Breaks the_message_never_arrived_and_so_the_next_was_never_sent "
client  HTTP   gateway              | a2 →
gateway memory orders  follows-from |

a1 client internal
  a2 client client @0
"
"TREE-011" Breaks an_outgoing_call_is_no_span_of_the_receiver "
client  HTTP gateway | a2
gateway HTTP orders  | a4

a1 client internal
  a2 client client @0
    a4 gateway client @1
      a5 orders server @1
"
"TREE-011" Hides a_side_exports_nothing "
client HTTP gateway | a2
silent gateway

a1 client internal
  a2 client client @0
"
"TREE-011" Hides spans_may_still_come "
client HTTP gateway | a2
unsettled

a1 client internal
  a2 client client @0
"
"TREE-001" Breaks of_several_roots_the_one_with_a_part_on_the_route_is_blamed "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
a4 stranger internal
a5 gateway internal
"
"TREE-011" Breaks who_was_not_reached_and_was_seen_to_send_is_asked_itself "
client  HTTP gateway | a2
gateway HTTP orders  | none

a1 client internal
  a2 client client @0
b5 orders server @1
"
"TREE-011" Breaks who_was_not_reached_and_sent_what_vanished_is_asked_itself "
client  HTTP gateway | a2
gateway HTTP orders  | none →

a1 client internal
  a2 client client @0
"
"TREE-011" Breaks who_was_not_reached_and_has_a_span_is_asked_itself "
client  HTTP gateway | a2
gateway HTTP orders

a1 client internal
  a2 client client @0
b4 gateway client @1
"
"TREE-011" Breaks of_what_was_seen_on_arrival_alone_something_was_sent "
client  HTTP gateway | a2
gateway HTTP orders  | → none

a1 client internal
  a2 client client @0
    a3 gateway server @0
b4 orders server @1
"
"TREE-011" Hides what_is_no_longer_sampled_leaves_no_spans "
client  HTTP orders  | a2
orders  HTTP billing | a4/00
billing HTTP audit   | a6/00

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"TREE-011" Hides what_the_middle_says_is_not_sampled_leaves_no_spans "
client HTTP orders  | a2 → a2/00
orders HTTP billing | → a4/00

a1 client internal
  a2 client client @0
"
"TREE-011" Hides what_follows_from_a_message_may_not_be_sampled "
client  HTTP   orders               | a2
orders  memory billing follows-from | a4/00
billing HTTP   audit                | b6/00

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"TREE-011" Breaks one_of_two_is_sampled_and_neither_has_a_span "
client HTTP orders child | a2 a4/00

a1 client internal
  a2 client client @0
"
"TREE-011" Breaks who_got_what_is_not_sampled_sent_nothing "
client  HTTP orders  | a2 → a2/00
orders  HTTP billing |

a1 client internal
  a2 client client @0
"
"TREE-002" Hides the_parent_is_not_sampled "
client HTTP orders  | a2
orders HTTP billing | a4/00

a1 client internal
  a2 client client @0
    a3 orders server @0
a5 billing server @1 ^a4
"
}
