//! B3 and X-Ray.

crate::rules::tests::stories! {
"B3-001" Keeps one_valid_header "
silent client orders
speaks client b3
client HTTP orders | none+b3:a2
"
"B3-001" Breaks a_header_that_is_not_valid "
silent client orders
speaks client b3
client HTTP orders | none+b3=AAAAAAAAAAAAAAAA-0000000000000002-1
"
"B3-001" Hides no_tap_saw_the_header_b3 "
silent client orders
speaks client b3
client HTTP orders
"
"B3-002" Keeps valid_headers "
silent client orders
speaks client b3multi
client HTTP orders | none+b3multi:a2
"
"B3-002" Breaks one_of_the_headers_is_missing "
silent client orders
speaks client b3multi
client HTTP orders | none+x-b3-traceid=aaaaaaaaaaaaaaaa
"
"B3-002" Hides no_tap_saw_the_headers_b3 "
silent client orders
speaks client b3multi
client HTTP orders
"
"B3-003" Keeps a_b3_trace_goes_on_as_w3c "
silent client orders billing
speaks orders b3,tracecontext
speaks client b3
client HTTP orders  | none+b3:a2
orders HTTP billing | none+b3:a4
billing HTTP audit  | a6
"
"B3-003" Breaks a_service_that_speaks_b3_begins_anew "
silent client orders billing
speaks client b3
speaks orders b3
client HTTP orders  | none+b3:a2
orders HTTP billing | none+b3:b4
"
"B3-003" Breaks a_service_that_does_not_speak_b3_begins_anew "
silent client orders billing
speaks client b3
client HTTP orders  | none+b3:a2
orders HTTP billing | b4
"
"B3-003" Hides no_tap_saw_what_came_as_b3 "
silent client orders billing
speaks client b3
client HTTP orders
orders HTTP billing
"
"B3-004" Keeps two_formats_name_one_span "
silent client orders
client HTTP orders | a2+b3:a2
"
"B3-004" Breaks two_formats_name_two_spans "
silent client orders
client HTTP orders | a2+b3:a3
"
"B3-004" Breaks two_formats_name_two_spans_of_one_send "
client HTTP orders | a2+xray:a3

a1 client internal
  a2 client client @0
    a3 client client
    a4 orders server @0
"
"B3-004" Hides no_tap_saw_two_formats "
silent client orders
speaks client b3,tracecontext
client HTTP orders
"
"B3-005" Keeps the_first_that_is_declared_counts "
silent client orders billing
speaks orders b3,tracecontext
client HTTP orders  | a2+b3:b2
orders HTTP billing | b4+b3:b4
"
"B3-005" Breaks another_than_the_declared_one_counts "
silent client orders billing
speaks orders b3,tracecontext
client HTTP orders  | a2+b3:b2
orders HTTP billing | a4+b3:a4
"
"B3-005" Hides no_tap_saw_which_counts "
silent client orders billing
speaks client b3,tracecontext
client HTTP orders
orders HTTP billing
"
"B3-006" Keeps what_is_absent_erases_nothing "
silent client orders billing
speaks orders tracecontext,b3
client HTTP orders  | a2
orders HTTP billing | a4+b3:a4
"
"B3-006" Breaks what_is_absent_erases_what_is_there "
silent client orders billing
speaks orders tracecontext,b3
client HTTP orders  | a2
orders HTTP billing | b4+b3:b4
"
"B3-006" Hides no_tap_saw_what_is_absent "
silent client orders billing
speaks orders tracecontext,b3
client HTTP orders
orders HTTP billing
"
"XRAY-001" Keeps one_valid_tracing_header "
silent client orders
speaks client xray
client HTTP orders | none+xray:a2
"
"XRAY-001" Breaks a_tracing_header_that_is_not_valid "
silent client orders
speaks client xray
client HTTP orders | none+x-amzn-trace-id=Root=1-2
"
"XRAY-001" Hides no_tap_saw_the_tracing_header "
silent client orders
speaks client xray
client HTTP orders
"
"XRAY-002" Keeps a_trace_in_the_format_of_x_ray_goes_on "
silent client orders billing
speaks client xray
speaks orders xray
client HTTP orders  | none+xray:a2
orders HTTP billing | none+xray:a4
"
"XRAY-002" Breaks the_formats_of_the_two_sides_do_not_meet "
silent client orders billing
speaks client xray
client SQS  orders child | none+xray:a2
orders HTTP billing      | b4
"
"XRAY-002" Hides no_tap_saw_what_came_as_x_ray "
silent client orders billing
speaks client xray
client HTTP orders
orders HTTP billing
"
"LINK-001" Breaks the_receiver_does_not_speak_what_was_sent "
client SQS orders | none+xray:a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0
"
"LINK-001" Breaks the_receiver_speaks_what_was_sent_and_does_not_read_it "
speaks orders tracecontext,xray
client SQS orders | none+xray:a2

a1 client internal
  a2 client producer @0
b3 orders consumer @0
"
"TREE-011" Breaks what_was_sent_was_refused "
refused 0 too many attributes
client SQS orders | a2 →

a1 client internal
  a2 client producer @0
"
"B3-005" Keeps who_was_told_nothing_may_follow_the_second_of_two_formats "
client HTTP orders  | a2+b3:b3
orders HTTP billing | b5

b4 orders server @0 ^b3
"
"B3-005" Keeps who_was_told_nothing_may_go_on_with_the_second_of_two_formats "
silent client orders billing
client HTTP orders  | a2+b3:b3
orders HTTP billing | b5
"
"B3-005" Breaks who_was_told_nothing_goes_on_with_neither_of_two_formats "
silent client orders billing
client HTTP orders  | a2+b3:b3
orders HTTP billing | c5
"
}
