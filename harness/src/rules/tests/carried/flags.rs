//! The decision to sample.

crate::rules::tests::stories! {
"FLAG-001" Keeps what_is_sampled_stays_so "
silent client orders billing
client HTTP orders  | a2
orders HTTP billing | a4
"
"FLAG-001" Keeps b3_may_leave_it_open "
silent client orders billing
client HTTP orders  | a2
orders HTTP billing | none+b3=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-0000000000000004
"
"FLAG-001" Keeps b3_in_several_headers_may_leave_it_open "
silent client orders billing
client HTTP orders  | a2
orders HTTP billing | none+x-b3-traceid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+x-b3-spanid=0000000000000004
"
"FLAG-001" Breaks a_service_stops_sampling "
silent client orders billing
client HTTP orders  | a2
orders HTTP billing | a4/00
"
"FLAG-001" Breaks a_middle_stops_sampling "
silent client orders
client HTTP orders | a2 → a2/00
"
"FLAG-001" Breaks a_service_stops_sampling_in_b3 "
silent client orders billing
client HTTP orders  | none+b3:a2
orders HTTP billing | none+b3multi:a4/00
"
"FLAG-001" Hides no_tap_saw_what_is_sampled "
silent client orders
client HTTP orders
"
"FLAG-002" Keeps what_is_not_sampled_stays_so "
unsampled
client HTTP orders  | a2/00
orders HTTP billing | a4/00
"
"FLAG-002" Keeps a_new_trace_is_decided_anew "
unsampled
client memory orders follows-from | a2/00
orders HTTP   billing             | b4
"
"FLAG-002" Breaks a_service_begins_to_sample "
unsampled
client HTTP orders  | a2/00
orders HTTP billing | a4
"
"FLAG-002" Breaks the_entry_samples_what_it_should_not "
unsampled
client HTTP orders | a2
"
"FLAG-002" Hides no_tap_saw_what_is_not_sampled "
unsampled
client HTTP orders
"
"FLAG-003" Keeps another_flag_is_passed_over "
silent client orders billing
client HTTP orders  | a2/03
orders HTTP billing | a4/03
"
"FLAG-003" Breaks another_flag_cuts_the_trace "
silent client orders billing
client HTTP orders  | a2/03
orders HTTP billing | b4
"
"FLAG-003" Hides with_another_flag_nothing_was_seen "
silent client orders billing
random
client HTTP orders
orders HTTP billing
"
"FLAG-004" Keeps what_is_not_sampled_leaves_no_span "
unsampled
client HTTP orders | a2/00
"
"FLAG-004" Breaks a_service_records_what_is_not_sampled "
unsampled
client HTTP orders | a2/00

a3 orders server @0 ^a2
"
"FLAG-004" Hides spans_may_still_come "
unsampled
unsettled
client HTTP orders | a2/00
"
}
