//! Who lost it: each checkpoint of a hop at which right becomes wrong.

super::stories! {
"HOP-001" Breaks the_sender_did_not_inject "
client HTTP gateway | none

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"LINK-001" Breaks the_sender_did_not_inject_into_what_was_seen_in_a_place "
client memory orders | none@offset-7 → none@offset-7

a1 client internal
  a2 client producer @0
b3 orders consumer @0
"
"LINK-001" Breaks the_middle_lost_what_was_seen_in_a_place "
client memory orders | a2@queue-before → none@queue-after

a1 client internal
  a2 client producer @0
b3 orders consumer @0
"
"LINK-001" Breaks the_receiver_did_not_extract_what_was_seen_in_a_place "
client memory orders | a2@offset-6 a3@offset-7

a1 client internal
  a2 client producer @0
    a4 orders consumer @0
  a3 client producer @0
b5 orders consumer @0
"
"LINK-001" Breaks the_formats_of_the_two_sides_do_not_meet "
client memory orders | none+xray:a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0
"
"LINK-013" Breaks a_receiver_that_read_a_foreign_format_is_to_blame_for_what_it_did_then "
client memory orders  | none+xray:a2
orders HTTP   billing | b4

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
b4 orders client @1
  b5 billing server @1
"
"HOP-001" Breaks the_sender_injected_what_is_no_traceparent "
client HTTP gateway | 00-malformed-01

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"HOP-001" Breaks the_sender_injected_a_context_of_another_trace "
client HTTP gateway | c9

a1 client internal
  a2 client client @0
c3 gateway server @0 ^c9
"
"HOP-001" Breaks the_sender_hands_on_the_context_that_it_received "
client  HTTP gateway | a2
gateway HTTP orders  | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway client @1
    a5 orders server @1
"
"HOP-001" Breaks the_receiver_began_anew_beside_what_is_not_sampled "
client HTTP orders  | a2
orders HTTP billing | a4/00

a1 client internal
  a2 client client @0
    a3 orders server @0
b5 billing server @1
"
"HOP-001" Breaks the_sender_hands_on_as_not_sampled_what_it_received "
client HTTP orders  | a2
orders HTTP billing | a2/00

a1 client internal
  a2 client client @0
    a3 orders server @0
b5 billing server @1
"
"HOP-001" Keeps one_of_two_requests_is_not_sampled "
client HTTP orders child | a2 a4/00

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"HOP-001" Keeps one_of_two_requests_is_not_sampled_and_the_other_has_two_spans "
client HTTP orders child | a2 a4/00

a1 client internal
  a2 client client @0
    a3 orders server @0
      a5 orders server @0
"
"HOP-001" Breaks one_of_two_requests_is_not_sampled_and_names_another_span "
client HTTP orders child | a2 a1/00

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"LINK-001" Breaks the_sender_hands_on_a_context_without_a_span_of_its_own "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway internal
b5 orders consumer @1
"
"HOP-001" Breaks the_sender_injected_the_context_of_the_call_before "
client HTTP gateway | a2
client HTTP orders  | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
    a5 orders server @1
  a4 client client @1
"
"TREE-002" Breaks the_sender_injected_a_span_that_nobody_exported "
client HTTP gateway | a9

a1 client internal
  a2 client client @0
a3 gateway server @0 ^a9
"
"TREE-002" Breaks the_middle_changed_the_context_to_a_span_that_nobody_exported "
client HTTP gateway | a2 → a9

a1 client internal
  a2 client client @0
a3 gateway server @0 ^a9
"
"HOP-001" Breaks the_middle_took_the_traceparent_off "
client HTTP gateway | a2 → none

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"HOP-001" Breaks the_middle_broke_the_traceparent "
client HTTP gateway | a2 → 00-broken

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"LINK-004" Breaks the_middle_swapped_the_contexts_of_two_messages "
client memory orders follows-from | a2 → a2
client memory orders follows-from | a3 → a9

a1 client internal
  a2 client producer @0
  a3 client producer @1
b4 orders consumer @0 ~a2
c5 orders consumer @1 ~a2
"
"TREE-011" Breaks the_message_vanished_in_the_middle "
client memory orders follows-from | a2 →

a1 client internal
  a2 client producer @0
"
"TREE-011" Breaks what_was_refused_was_sent_again_and_arrived "
refused 0 throttled
client SQS orders follows-from | a2 a2 → a2

a1 client internal
  a2 client producer @0
"
"HOP-001" Breaks the_middle_writes_another_format "
speaks client tracecontext,baggage
speaks gateway tracecontext,baggage
client HTTP gateway | a2 → none+b3:a2

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"LINK-001" Breaks who_was_to_begin_anew_goes_on_with_what_is_not_the_senders_own "
client memory orders root | a1

a1 client internal
  a2 client producer @0
  a3 orders consumer @0
"
"LINK-001" Breaks who_was_to_begin_anew_goes_on_where_nothing_was_sent "
client memory orders root | none

a1 client internal
  a2 client producer @0
b3 orders internal
  b4 orders consumer @0
"
"TREE-006" Breaks of_two_losses_each_is_blamed_for_what_follows_from_it "
client  HTTP   gateway (2 times)     | a2 a3 → a2 none
gateway memory orders follows-from   | c7 d6

a1 client internal
  a2 client client @0
    a4 gateway server @0
  a3 client client @0
c5 gateway server @0
  c7 gateway producer @1
d6 gateway producer @1
e8 orders consumer @1 ~d6
f9 orders consumer @1 ~c7
"
"TREE-006" Breaks of_two_losses_each_is_blamed_whatever_the_ids_of_their_traces "
client  HTTP   gateway (2 times)     | a2 a3 → a2 none
gateway memory orders follows-from   | d7 c6

a1 client internal
  a2 client client @0
    a4 gateway server @0
  a3 client client @0
d5 gateway server @0
  d7 gateway producer @1
c6 gateway producer @1
e8 orders consumer @1 ~c6
f9 orders consumer @1 ~d7
"
"LINK-013" Breaks of_several_hops_that_meet_the_one_is_blamed_that_the_work_names "
client HTTP   orders              | a2
client memory orders follows-from | a4

a1 client internal
  a2 client client @0
    a3 orders server @0
  a4 client producer @1
b5 orders consumer @1 ~a4
c6 orders internal @1
"
"LINK-001" Breaks what_was_sent_is_of_a_span_below_the_senders_and_the_receiver_begins_anew "
client memory orders follows-from | a3

a1 client internal
  a2 client producer @0
    a3 client internal
b4 orders consumer @0
"
"TREE-011" Breaks the_message_vanished_where_only_what_is_taken_is_seen "
client SQS orders follows-from | a2 →

a1 client internal
  a2 client producer @0
"
"LINK-001" Breaks behind_who_hands_it_on_in_a_trace_of_his_own_the_receiver_is_still_to_blame "
client AMQP orders follows-from | a2 → d5

a1 client internal
  a2 client producer @0
d4 shovel consumer ~a2
  d5 shovel producer
b3 orders consumer @0
"
"HOP-001" Breaks behind_a_tracing_proxy_the_receiver_of_a_sender_that_exports_nothing_is_to_blame "
client HTTP orders | a2 → a3
silent client

a3 proxy client ^a2
b4 orders server @0
"
"HOP-001" Breaks behind_a_tracing_proxy_the_receiver_is_still_to_blame "
client HTTP gateway | a2 → a3

a1 client internal
  a2 client client @0
    a3 proxy client
b4 gateway server @0
"
"HOP-001" Breaks the_receiver_began_a_new_root "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"HOP-001" Breaks the_receiver_took_another_parent "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
  a3 gateway server @0
"
"HOP-001" Breaks the_receiver_linked_where_a_parent_is_due "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
b3 gateway server @0 ~a2
"
"TREE-006" Breaks the_receiver_lost_the_context_inside "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
b4 gateway internal @0
"
"TREE-006" Breaks the_receiver_lost_the_context_inside_and_no_tap_is_needed_to_see_it "
client HTTP gateway

a1 client internal
  a2 client client @0
    a3 gateway server @0
b4 gateway internal @0
"
"TREE-011" Breaks the_receiver_made_no_span "
client memory orders follows-from | a2

a1 client internal
  a2 client producer @0
"
"TREE-011" Breaks without_a_tap_the_receiver_or_the_middle_lost_it "
client memory orders follows-from

a1 client internal
  a2 client producer @0
"
"HOP-001" Breaks without_a_tap_anybody_may_have_lost_it "
client HTTP gateway

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"HOP-001" Breaks seen_only_on_arrival_the_sender_or_the_middle_lost_it "
client HTTP gateway | → none

a1 client internal
  a2 client client @0
b3 gateway server @0
"
"TREE-002" Breaks without_a_tap_the_sender_or_a_silent_middle_exported_no_span "
client HTTP gateway

a1 client internal
a3 gateway server @0 ^a2
"
"TREE-006" Breaks what_follows_from_a_loss_is_blamed_on_the_hop_of_the_loss "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | b4
orders  HTTP   billing              | c6

a1 client internal
  a2 client client @0
b3 gateway server @0
  b4 gateway producer @1
c5 orders consumer @1 ~b4
  c6 orders client @2
    c7 billing server @2
"
"HOP-001" Breaks the_sender_injected_the_span_of_another_service "
client  HTTP gateway | a2
gateway HTTP orders  | a1

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway client @1
  a5 orders server @1
"
"HOP-001" Breaks the_middle_named_a_span_above_the_one_that_sent "
client HTTP gateway | a2 → a1

a1 client internal
  a2 client client @0
  a3 gateway server @0
"
"TREE-011" Breaks a_receiver_without_a_span_is_to_blame_though_the_formats_do_not_meet "
client memory orders | none+xray:a2

a1 client internal
  a2 client producer @0
"
"LINK-001" Breaks without_a_tap_who_is_the_child_has_received_it "
client memory orders follows-from

a1 client internal
  a2 client producer @0
    a3 orders consumer @0
"
"TREE-006" Breaks what_was_lost_twice_on_one_way_is_blamed_on_each_hop "
client  HTTP   gateway              | a2
gateway memory orders  follows-from | b4

a1 client internal
  a2 client client @0
b3 gateway server @0
  b4 gateway producer @1
c5 orders consumer @1
"
"TREE-006" Breaks of_what_was_lost_together_the_receiver_is_named_before_what_it_did "
client  HTTP gateway | a2
gateway HTTP orders  | b5

a1 client internal
  a2 client client @0
    a3 gateway server @0
b4 gateway internal
  b5 gateway client @1
    b6 orders server @1
"
"TREE-006" Breaks of_what_was_lost_together_the_receiver_nearest_to_the_entry_is_named "
client  HTTP gateway | a2
gateway HTTP orders  | b6

a1 client internal
  a2 client client @0
b9 gateway server @0
  b6 gateway client @1
    b5 orders server @1
"
"TREE-006" Breaks of_work_that_was_lost_together_that_nearest_to_the_entry_is_named "
client  HTTP gateway | a2
gateway HTTP orders  | a5

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a5 gateway client @1
        a6 orders server @1
b9 gateway internal @0
  b8 orders internal @1
"
}
