//! The traceparent and the trace state.

crate::rules::tests::stories! {
"WIRE-002" Keeps the_trace_goes_on "
silent client orders billing
client  HTTP orders  | a2
orders  HTTP billing | a4
"
"WIRE-002" Breaks a_service_begins_anew "
silent client orders billing
client  HTTP orders  | a2
orders  HTTP billing | b4
"
"WIRE-002" Breaks one_of_two_calls_begins_anew "
silent client orders billing
client  HTTP orders  | a2
orders  HTTP billing | a4 b5
"
"WIRE-002" Breaks a_service_that_does_not_speak_w3c_meets_one_that_does "
silent client orders billing
speaks orders b3
client  HTTP orders  | a2
orders  HTTP billing | none+b3:b4
"
"WIRE-002" Keeps what_follows_a_link_may_begin_anew "
silent client orders billing audit
client  memory orders  follows-from | a2
orders  HTTP   billing              | b4
billing HTTP   audit                | b6
"
"WIRE-002" Hides no_tap_saw_it "
silent client orders billing
client  HTTP orders
orders  HTTP billing | a4
"
"WIRE-002" Hides nothing_was_seen_of_what_was_sent "
silent client orders billing
client  HTTP orders  | a2
orders  HTTP billing | → a4
"
"WIRE-017" Keeps one_valid_traceparent_of_a_span_that_was_exported "
client HTTP orders | a2

a1 client internal
  a2 client client @0
    a3 orders server @0
"
"WIRE-017" Keeps who_exports_nothing_is_judged_by_the_header_alone "
silent client orders
client HTTP orders | a2
"
"WIRE-017" Breaks nothing_is_sent "
silent client orders
client HTTP orders | none
"
"WIRE-021" Breaks one_of_two_contexts_is_handed_on "
unsampled
client HTTP gateway (2 times) | a2/00 a3/00
gateway HTTP orders           | a4/00 a3/00
"
"WIRE-021" Breaks the_other_of_two_contexts_is_handed_on "
unsampled
client HTTP gateway (2 times) | a3/00 a2/00
gateway HTTP orders           | a4/00 a3/00
"
"WIRE-022" Keeps each_of_two_contexts_with_an_unknown_flag_passes_through "
silent client gateway orders
client HTTP gateway (2 times) | a2/05 a3/05
gateway HTTP orders           | a2/05 a3/05
"
"WIRE-022" Breaks one_of_two_contexts_is_new_and_keeps_an_unknown_flag "
silent client gateway orders
client HTTP gateway (2 times) | a2/05 a3/05
gateway HTTP orders           | a3/05 a4/05
"
"WIRE-017" Keeps nothing_needs_to_be_sent_to_who_begins_anew "
silent client orders
client HTTP orders root (2 times) | none a2
"
"WIRE-017" Breaks what_is_sent_to_who_begins_anew_is_not_valid "
silent client orders
client HTTP orders root | 00-x
"
"WIRE-017" Breaks it_is_not_valid "
silent client orders
client HTTP orders | 00-x
"
"WIRE-017" Breaks it_is_sent_twice "
silent client orders
client HTTP orders | a2+traceparent=00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-0000000000000002-01
"
"WIRE-017" Breaks its_span_was_not_exported "
client HTTP orders | a9

a1 client internal
  a3 orders server @0 ^a9
"
"WIRE-017" Hides nothing_was_seen_of_it "
silent client orders
client HTTP orders
"
"WIRE-018" Keeps each_call_has_its_own_parent_id "
silent client orders billing audit
client HTTP orders  | a2
client HTTP billing | a3
"
"WIRE-018" Breaks two_calls_share_a_parent_id "
silent client orders billing
client HTTP orders  | a2
client HTTP billing | a2
"
"WIRE-018" Hides of_one_of_two_calls_nothing_was_seen "
silent client orders billing
client HTTP orders  | a2
client HTTP billing
"
"WIRE-021" Keeps the_parent_id_is_a_new_one "
client HTTP orders  | a2
orders HTTP billing | a4

a1 client internal
  a2 client client @0
    a3 orders server @0
      a4 orders client @1
        a5 billing server @1
"
"WIRE-021" Breaks a_service_hands_on_what_it_got "
client HTTP orders  | a2
orders HTTP billing | a2

a1 client internal
  a2 client client @0
    a3 orders server @0
    a5 billing server @1
"
"WIRE-021" Keeps who_passes_through_touches_nothing "
silent orders
client HTTP orders  | a2+tracestate=v=1
orders HTTP billing | a2+tracestate=v=1

a1 client internal
  a2 client client @0
    a5 billing server @1
"
"WIRE-021" Breaks who_passes_through_writes_into_the_trace_state "
silent orders
client HTTP orders  | a2+tracestate=v=1
orders HTTP billing | a2+tracestate=p=2,v=1

a1 client internal
  a2 client client @0
    a5 billing server @1
"
"WIRE-021" Breaks a_middle_takes_the_trace_state_away "
silent client orders
client HTTP orders | a2+tracestate=v=1 → a2
"
"WIRE-021" Hides no_tap_saw_the_parent_id "
silent client orders
client HTTP orders
"
"WIRE-022" Keeps the_random_flag_goes_on "
silent client orders billing
random
client HTTP orders  | a2/03
orders HTTP billing | a4/03
"
"WIRE-022" Keeps sampled_may_change_with_the_parent_id "
silent client orders billing
client HTTP orders  | a2/03
orders HTTP billing | a4/02
"
"WIRE-022" Breaks the_random_flag_is_forgotten "
silent client orders billing
client HTTP orders  | a2/02
orders HTTP billing | a4/00
"
"WIRE-022" Breaks the_random_flag_appears_in_a_trace "
silent client orders billing
client HTTP orders  | a2/01
orders HTTP billing | a4/03
"
"WIRE-022" Breaks unknown_flags_go_on "
silent client orders billing
client HTTP orders  | a2/05
orders HTTP billing | a4/05
"
"WIRE-022" Breaks a_middle_turns_sampled_under_the_same_parent_id "
silent client orders
client HTTP orders | a2/01 → a2/00
"
"WIRE-022" Hides no_tap_saw_the_flags "
silent client orders
client HTTP orders
"
"WIRE-023" Keeps a_bad_trace_state_costs_itself_alone "
silent client orders billing
client HTTP orders  | a2+tracestate===
orders HTTP billing | a4
"
"WIRE-023" Breaks a_bad_trace_state_costs_the_trace "
silent client orders billing
client HTTP orders  | a2+tracestate===
orders HTTP billing | b4
"
"WIRE-023" Hides beside_a_bad_trace_state_nothing_was_seen "
silent client orders billing
carries tracestate ==
client HTTP orders
orders HTTP billing
"
"WIRE-024" Keeps there_is_room "
silent client orders
client SQS orders | a2+a=1
"
"WIRE-024" Breaks too_many_entries_are_refused "
silent client orders
refused 0 too many attributes
client SQS orders | a2+1=1+2=1+3=1+4=1+5=1+6=1+7=1+8=1+9=1+10=1 →
"
"WIRE-024" Hides no_tap_counted_the_entries "
silent client orders
client SQS orders
"
"STATE-002" Keeps the_trace_state_goes_on "
silent client orders billing
carries tracestate v=1,w=2
client HTTP orders  | a2+tracestate=v=1,w=2
orders HTTP billing | a4+tracestate=v=1,w=2
"
"STATE-002" Keeps a_member_is_added_at_the_front "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1,w=2
orders HTTP billing | a4+tracestate=o=3,v=1,w=2
"
"STATE-002" Keeps several_headers_are_one_list "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1+tracestate=w=2
orders HTTP billing | a4+tracestate=v=1,w=2
"
"STATE-002" Keeps a_new_trace_inherits_nothing "
silent client orders billing
client memory orders follows-from | a2+tracestate=v=1
orders HTTP   billing             | b4
"
"STATE-002" Keeps a_service_that_speaks_b3_cannot_carry_it "
silent client orders billing
speaks orders b3,tracecontext
speaks billing b3
client  HTTP orders  | a2+tracestate=v=1
orders  HTTP billing | none+b3:a4+tracestate=v=1
billing HTTP audit   | none+b3:a6
"
"STATE-002" Breaks a_service_loses_the_trace_state "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1
orders HTTP billing | a4
"
"STATE-002" Breaks a_service_loses_a_member "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1,w=2
orders HTTP billing | a4+tracestate=w=2
"
"STATE-002" Breaks a_service_turns_the_order "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1,w=2
orders HTTP billing | a4+tracestate=w=2,v=1
"
"STATE-002" Breaks a_service_sends_what_is_not_valid "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1
orders HTTP billing | a4+tracestate=v=1,v=1
"
"STATE-002" Breaks the_entry_does_not_send_what_it_was_told "
silent client orders
carries tracestate v=1
client HTTP orders | a2
"
"STATE-002" Breaks a_middle_loses_the_trace_state "
silent client orders
client HTTP orders | a2+tracestate=v=1 → a2
"
"STATE-002" Breaks nothing_was_seen_before_the_middle "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1
orders HTTP billing | → a4
"
"STATE-002" Hides no_tap_saw_the_trace_state "
silent client orders
carries tracestate v=1
client HTTP orders
"
"STATE-016" Keeps the_trace_state_goes_on_unsampled "
unsampled
carries tracestate v=1
client HTTP orders  | a2/00+tracestate=v=1
orders HTTP billing | a4/00+tracestate=v=1
"
"STATE-016" Breaks the_trace_state_of_what_is_not_sampled_is_lost "
unsampled
carries tracestate v=1
client HTTP orders  | a2/00+tracestate=v=1
orders HTTP billing | a4/00
"
"STATE-016" Hides no_tap_saw_it_unsampled "
unsampled
carries tracestate v=1
client HTTP orders
"
"STATE-017" Keeps members_are_sent "
silent client orders
client HTTP orders | a2+tracestate=v=1
"
"STATE-017" Breaks an_empty_value_is_sent "
silent client orders
client HTTP orders | a2+tracestate=
"
"STATE-017" Breaks an_empty_value_is_sent_where_none_can_be "
silent client orders
refused 0 an attribute is empty
client SQS orders | a2+tracestate= →
"
"STATE-017" Hides no_tap_saw_whether_it_is_empty "
silent client orders
carries tracestate v=1
client HTTP orders
"
"STATE-002" Keeps a_trace_that_begins_anew_owes_no_trace_state "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1
orders HTTP billing | b4
"
"STATE-002" Breaks a_service_loses_the_last_member "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1,w=2
orders HTTP billing | a4+tracestate=v=1
"
"STATE-002" Keeps of_a_full_list_the_last_gives_way "
silent client orders billing
client HTTP orders  | a2+tracestate=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,ae=1,af=1
orders HTTP billing | a4+tracestate=new=1,a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,ae=1
"
"STATE-002" Breaks of_a_full_list_the_first_gives_way "
silent client orders billing
client HTTP orders  | a2+tracestate=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,ae=1,af=1
orders HTTP billing | a4+tracestate=new=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,ae=1,af=1
"
"WIRE-002" Keeps of_two_messages_both_go_on "
silent client orders billing
client memory orders child (2 times) | a2 b3
orders HTTP   billing                | a4 b5
"
"WIRE-002" Breaks of_two_messages_one_begins_anew "
silent client orders billing
client memory orders child (2 times) | a2 b3
orders HTTP   billing                | a4 c5
"
"WIRE-017" Breaks who_is_said_to_speak_it_sends_nothing "
silent client orders
speaks client tracecontext
client HTTP orders | none
"
"WIRE-022" Keeps a_middle_touches_no_unknown_flag "
silent client orders
client HTTP orders | a2/05
"
"STATE-002" Keeps a_member_is_updated_in_its_only_place "
silent client orders billing
client HTTP orders  | a2+tracestate=dd=p:1
orders HTTP billing | a4+tracestate=dd=p:2
"
"STATE-002" Keeps a_member_is_updated_and_moves_to_the_front "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1,dd=p:1,w=1
orders HTTP billing | a4+tracestate=dd=p:2,v=1,w=1
"
"STATE-002" Keeps two_members_are_updated "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1,w=1,x=1
orders HTTP billing | a4+tracestate=w=2,new=1,v=2,x=1
"
"STATE-002" Breaks a_member_is_updated_where_it_stood "
silent client orders billing
client HTTP orders  | a2+tracestate=v=1,dd=p:1
orders HTTP billing | a4+tracestate=v=1,dd=p:2
"
"STATE-002" Breaks a_member_is_updated_and_another_is_lost "
silent client orders billing
client HTTP orders  | a2+tracestate=dd=p:1,v=1
orders HTTP billing | a4+tracestate=dd=p:2
"
"STATE-002" Keeps of_a_full_list_the_last_that_is_not_updated_gives_way "
silent client orders billing
client HTTP orders  | a2+tracestate=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,ae=1,af=1
orders HTTP billing | a4+tracestate=new=1,af=2,a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1
"
"STATE-002" Breaks of_a_full_list_the_first_that_is_not_updated_gives_way "
silent client orders billing
client HTTP orders  | a2+tracestate=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,ae=1,af=1
orders HTTP billing | a4+tracestate=new=1,af=2,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,aa=1,ab=1,ac=1,ad=1,ae=1
"
"STATE-016" Keeps a_member_of_what_is_not_sampled_is_updated "
unsampled
client HTTP orders  | a2/00+tracestate=dd=p:1,v=1
orders HTTP billing | a4/00+tracestate=dd=p:2,v=1
"
"WIRE-021" Keeps who_passes_through_joins_the_lines_of_the_trace_state "
silent client orders
client HTTP orders  | a2+tracestate=v=1+tracestate=w=2,x=3
orders HTTP billing | a2+tracestate=v=1,,w=2,x=3
"
"WIRE-021" Breaks who_passes_through_turns_the_trace_state "
silent client orders
client HTTP orders  | a2+tracestate=v=1+tracestate=w=2
orders HTTP billing | a2+tracestate=w=2,v=1
"
}
