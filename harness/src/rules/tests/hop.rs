//! Request and response.

super::stories! {
"HOP-001" Keeps the_server_is_the_child_of_the_client "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"HOP-001" Breaks the_server_hangs_beside_the_client_in_the_same_trace "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
  a3 gateway server @0
"
"HOP-001" Keeps without_a_tap_the_span_of_the_client_is_the_context "
client HTTP gateway

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"HOP-001" Keeps work_that_links_to_the_context_is_no_second_server "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway internal ~a2
"
"HOP-001" Keeps the_inner_of_two_spans_of_the_sender_is_the_one_that_was_sent "
client HTTP gateway | a3

a1 client internal
  a2 client client @0
    a3 client client @0
      a4 gateway server @0
"
"HOP-001" Keeps a_tracing_proxy_is_a_hop_of_its_own "
client HTTP gateway | a2 → a3

a1 client internal
  a2 client client @0
    a3 proxy client
      a4 gateway server @0
"
"HOP-001" Breaks one_of_two_requests_begins_anew "
client HTTP gateway | a2 a3

a1 client internal
  a2 client client @0
    a4 gateway server @0
  a3 client client @0
b5 gateway server @0
"
"HOP-001" Hides the_receiver_exports_nothing "
client HTTP gateway | a2
silent gateway

a1 client internal
  a2 client client @0
"
"HOP-001" Hides there_is_no_span_of_the_receiver "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
"
"HOP-001" Hides there_is_neither_a_tap_nor_a_span_of_the_sender "
client HTTP gateway

a1 client internal
b3 gateway server @0 ^b9
"
"HOP-001" Breaks who_is_tied_to_nothing_is_not_tied_to_an_unknown_sender "
client HTTP gateway

a1 client internal
b3 gateway server @0
"
"HOP-001" Breaks two_server_spans_share_the_context_of_one_request "
client HTTP gateway | a2 a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
    a5 gateway server @0
  a4 client client @0
"
"HOP-001" Keeps a_server_span_too_many_below_the_right_one_breaks_no_relation "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway server @0
"
"HOP-001" Breaks the_server_span_of_one_request_hangs_below_that_of_another "
client HTTP gateway | a2 a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a5 gateway server @0
  a4 client client @0
"
"HOP-001" Hides what_arrived_is_not_sampled "
client HTTP gateway | a2 → a2/00

a1 client internal
  a2 client client @0
"
"HOP-002" Keeps a_client_calls_a_server "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"HOP-002" Keeps a_client_that_receives_may_account_for_a_message "
client memory orders child | a2

a1 client internal
  a2 client producer @0
    a3 orders client receive @0
"
"HOP-002" Breaks a_consumer_answers_a_request_of_an_internal_span "
client HTTP gateway | a2

a1 client internal
  a2 client internal @0
    a3 gateway consumer @0
"
"HOP-002" Hides a_side_has_no_span "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
"
"HOP-003" Keeps each_request_has_a_server_span "
client HTTP gateway | a2 a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
  a4 client client @0
    a5 gateway server @0
"
"HOP-003" Breaks two_server_spans_for_one_request "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway server @0
"
"HOP-003" Breaks two_requests_and_one_server_span "
client HTTP gateway | a2 a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
  a4 client client @0
"
"HOP-003" Keeps a_span_that_was_exported_twice_is_one_span "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
    a3 gateway server @0
    a3 gateway server @0
"
"HOP-003" Hides nobody_counted_the_requests "
client HTTP gateway

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"HOP-003" Hides no_request_arrived "
client HTTP gateway | a2 →

a1 client internal
  a2 client client @0
"
"HOP-003" Hides no_request_that_arrived_is_sampled "
client HTTP gateway | a2 a4 → a2/00 a4/00

a1 client internal
  a2 client client @0
    a3 gateway server @0
  a4 client client @0
"
"HOP-003" Keeps a_request_that_is_not_sampled_needs_no_span "
client HTTP gateway | a2 a4/00

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"HOP-003" Breaks one_of_three_requests_is_not_sampled_and_another_has_no_span "
client HTTP gateway | a2 a4 a6/00

a1 client internal
  a2 client client @0
    a3 gateway server @0
  a4 client client @0
"
"HOP-003" Breaks of_two_requests_one_is_not_sampled_and_there_are_three_spans "
client HTTP gateway | a2 a4/00

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a5 gateway server @0
        a6 gateway server @0
"
"HOP-003" Hides b3_says_no_more_than_that_it_is_not_sampled "
speaks orders b3
speaks billing b3
client HTTP orders  | a2+b3:a2
orders HTTP billing | none+b3=0

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders client @1
"
"HOP-003" Hides b3_in_several_headers_says_no_more_than_that_it_is_not_sampled "
speaks orders b3multi
speaks billing b3multi
client HTTP orders  | a2+b3multi:a2
orders HTTP billing | none+x-b3-sampled=0

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders client @1
"
"HOP-004" Keeps what_handles_a_reply_calls_on "
client  HTTP   gateway         | a2
gateway memory orders          | a4
orders  memory gateway (reply) | a6
gateway HTTP   billing         | a8

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway producer @1
        a5 orders consumer @1 ~a4
          a6 orders producer @2
            a7 gateway consumer @2 ~a6
              a8 gateway client @3
                a9 billing server @3
"
"HOP-004" Breaks a_call_hangs_two_spans_below_another "
client  HTTP   gateway         | a2
gateway memory orders          | a4
gateway HTTP   billing         | a8

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway producer @1
        a5 orders consumer @1 ~a4
        a6 gateway internal
          a8 gateway client @2
            a9 billing server @2
"
"HOP-004" Keeps calls_are_siblings "
client HTTP gateway | a2
client HTTP orders  | a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
  a4 client client @1
    a5 orders server @1
"
"HOP-004" Breaks one_call_hangs_under_the_other "
client HTTP gateway | a2
client HTTP orders  | a4

a1 client internal
  a2 client client @0
    a3 gateway server @0
    a4 client client @1
      a5 orders server @1
"
"HOP-004" Hides a_call_has_no_span "
client HTTP gateway | a2
client HTTP orders  |

a1 client internal
  a2 client client @0
    a3 gateway server @0
"
"HOP-009" Keeps the_work_is_below_the_server "
client  HTTP gateway | a2
gateway HTTP orders  | a5

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway internal
        a5 gateway client @1
          a6 orders server @1
"
"HOP-009" Breaks the_work_hangs_beside_the_server "
client  HTTP gateway | a2
gateway HTTP orders  | a5

a1 client internal
  a2 client client @0
    a3 gateway server @0
    a4 gateway internal
      a5 gateway client @1
        a6 orders server @1
"
"HOP-009" Breaks work_of_a_service_that_two_calls_reach_is_below_neither "
client HTTP gateway | a2
client HTTP gateway | a5

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway internal
  a5 client client @1
    a6 gateway server @1
  a7 gateway internal
"
"HOP-009" Keeps work_of_a_service_that_two_calls_reach_is_below_either "
client HTTP gateway | a2
client HTTP gateway | a5

a1 client internal
  a2 client client @0
    a3 gateway server @0
      a4 gateway internal
  a5 client client @1
    a6 gateway server @1
      a7 gateway internal
"
"HOP-009" Hides the_server_has_no_span "
client HTTP gateway | a2

a1 client internal
  a2 client client @0
a4 gateway internal ^a3
"
"HOP-009" Hides what_is_above_the_work_may_still_come "
client HTTP gateway | a2
unsettled

a1 client internal
  a2 client client @0
    a3 gateway server @0
a5 gateway internal ^a4
"
}
