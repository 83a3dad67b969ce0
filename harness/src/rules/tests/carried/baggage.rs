//! Baggage, and where it must not go.

crate::rules::tests::stories! {
"BAG-001" Keeps the_members_go_on "
silent client orders billing
carries baggage user=alice
client HTTP orders  | a2+baggage=user=alice
orders HTTP billing | a4+baggage=tenant=7,user=alice
"
"BAG-001" Keeps a_duplicate_may_go "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice,user=bob
orders HTTP billing | a4+baggage=user=bob
"
"BAG-001" Keeps over_a_link_nothing_goes_on "
silent client orders billing
client memory orders follows-from | a2+baggage=user=alice
orders HTTP   billing             | b4
"
"BAG-001" Keeps a_service_that_does_not_speak_it_owes_nothing "
silent client orders billing
speaks orders tracecontext
client HTTP orders  | a2+baggage=user=alice
orders HTTP billing | a4
"
"BAG-001" Breaks a_member_is_lost "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice,tenant=7
orders HTTP billing | a4+baggage=tenant=7
"
"BAG-001" Breaks all_are_lost_where_the_trace_is_lost_too "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice
orders HTTP billing | b4
"
"BAG-001" Breaks a_middle_takes_it_away "
silent client orders
carries baggage user=alice
client HTTP orders | a2+baggage=user=alice → a2
"
"BAG-001" Hides no_tap_saw_the_baggage "
silent client orders
carries baggage user=alice
client HTTP orders
"
"BAG-002" Keeps two_headers_become_one "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice+baggage=tenant=7
orders HTTP billing | a4+baggage=user=alice,tenant=7
"
"BAG-002" Breaks only_the_last_header_is_read "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice+baggage=tenant=7
orders HTTP billing | a4+baggage=tenant=7
"
"BAG-002" Hides no_tap_saw_the_headers "
silent client orders
carries baggage user=alice
carries baggage tenant=7
client HTTP orders
"
"BAG-003" Keeps another_encoding_of_the_same_value "
silent client orders billing
client HTTP orders  | a2+baggage=user=%61lice%20b
orders HTTP billing | a4+baggage=user=alice%20b
"
"BAG-003" Breaks a_value_is_encoded_twice "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice%20b
orders HTTP billing | a4+baggage=user=alice%2520b
"
"BAG-003" Hides no_tap_saw_the_values "
silent client orders
carries baggage user=alice%20b
client HTTP orders
"
"BAG-004" Keeps the_properties_go_on "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice;p;q=1
orders HTTP billing | a4+baggage=user=alice;p;q=1
"
"BAG-004" Breaks the_properties_are_lost "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice;p;q=1
orders HTTP billing | a4+baggage=user=alice
"
"BAG-004" Hides no_tap_saw_the_properties "
silent client orders
carries baggage user=alice;p
client HTTP orders
"
"BAG-005" Keeps many_members_go_on "
silent client orders billing
client HTTP orders  | a2+baggage=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,A=1,B=1,C=1,D=1,E=1,F=1,G=1
orders HTTP billing | a4+baggage=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,A=1,B=1,C=1,D=1,E=1,F=1,G=1
"
"BAG-005" Breaks the_last_of_many_members_is_lost "
silent client orders billing
client HTTP orders  | a2+baggage=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,A=1,B=1,C=1,D=1,E=1,F=1,G=1
orders HTTP billing | a4+baggage=a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,A=1,B=1,C=1,D=1,E=1,F=1
"
"BAG-005" Hides no_tap_saw_many_members "
silent client orders
carries baggage a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1,r=1,s=1,t=1,u=1,v=1,w=1,x=1,y=1,z=1,A=1,B=1,C=1,D=1,E=1,F=1,G=1
client HTTP orders
"
"BAG-006" Keeps a_large_list_goes_on "
silent client orders billing
client HTTP orders  | a2+baggage=a=1*4000,b=1*4000
orders HTTP billing | a4+baggage=a=1*4000,b=1*4000
"
"BAG-006" Breaks what_is_beyond_a_limit_of_ones_own_is_lost "
silent client orders billing
client HTTP orders  | a2+baggage=a=1*4000,b=1*4000
orders HTTP billing | a4+baggage=a=1*4000
"
"BAG-006" Hides no_tap_saw_a_large_list "
silent client orders
carries baggage a=1*4000,b=1*4000
client HTTP orders
"
"BAG-007" Keeps malformed_baggage_costs_itself_alone "
silent client orders billing
client HTTP orders  | a2+baggage===
orders HTTP billing | a4
"
"BAG-007" Breaks malformed_baggage_costs_the_trace "
silent client orders billing
client HTTP orders  | a2+baggage===
orders HTTP billing | b4
"
"BAG-007" Hides beside_malformed_baggage_nothing_was_seen "
silent client orders billing
carries baggage ==
client HTTP orders
orders HTTP billing
"
"BAG-008" Keeps what_is_sent_is_baggage "
silent client orders billing
client HTTP orders  | a2
orders HTTP billing | a4+baggage=user=alice
"
"BAG-008" Keeps what_came_malformed_may_leave_so "
silent client orders billing
carries baggage ==
client HTTP orders  | a2+baggage===
orders HTTP billing | a4+baggage=user=alice
billing HTTP audit  | a6+baggage=user=alice
"
"BAG-008" Breaks a_value_is_not_encoded "
silent client orders billing
client HTTP orders  | a2+baggage=user=alice
orders HTTP billing | a4+baggage=user=alic\u{e9}
"
"BAG-008" Hides no_tap_saw_what_is_written "
silent client orders
client HTTP orders
"
"EDGE-001" Keeps the_trace_begins_anew_with_a_link "
beyond partner
client HTTP partner follows-from | a2+tracestate=v=1
partner HTTP inner               | b4

a1 client internal
  a2 client client @0
b3 partner server @0 ~a2
  b4 partner client @1
    b5 inner server @1
"
"EDGE-001" Breaks the_span_is_in_the_trace_from_outside "
beyond partner
client HTTP partner follows-from | a2

a1 client internal
  a2 client client @0
    a3 partner server @0
"
"EDGE-001" Breaks the_wire_goes_on_with_the_trace_from_outside "
silent client partner inner
beyond partner
client HTTP partner follows-from | a2
partner HTTP inner               | a4
"
"EDGE-001" Breaks the_trace_state_from_outside_is_kept "
silent client partner inner
beyond partner
client HTTP partner follows-from | a2+tracestate=v=1
partner HTTP inner               | b4+tracestate=o=2,v=1
"
"EDGE-001" Hides nothing_was_seen_beyond "
silent client partner
beyond partner
client HTTP partner follows-from | a2
"
"EDGE-002" Keeps no_baggage_goes_there "
silent client orders partner
third partner
client HTTP orders  | a2+baggage=user=alice
orders HTTP partner | a4
"
"EDGE-002" Breaks baggage_goes_to_a_third_party "
silent client orders partner
third partner
client HTTP orders  | a2+baggage=user=alice
orders HTTP partner | a4+baggage=user=alice
"
"EDGE-002" Keeps a_gateway_takes_it_out_on_the_way "
silent client partner
third partner
carries baggage user=alice
client HTTP partner | a2+baggage=user=alice → a2
"
"EDGE-002" Breaks a_gateway_puts_it_in_on_the_way "
silent client partner
third partner
client HTTP partner | a2 → a2+baggage=user=alice
"
"EDGE-002" Hides it_was_sent_and_nothing_arrived "
silent client partner
third partner
client HTTP partner | a2+baggage=user=alice →
"
"EDGE-002" Breaks nobody_saw_whether_it_was_sent_with_it "
silent client partner
third partner
client HTTP partner | → a2+baggage=user=alice
"
"EDGE-002" Hides no_tap_saw_what_goes_to_a_third_party "
silent client partner
third partner
client HTTP partner
"
"BAG-001" Keeps beyond_a_link_nothing_is_due "
silent client orders billing
carries baggage user=alice
client memory orders follows-from | a2+baggage=user=alice
orders HTTP   billing
"
"BAG-001" Keeps four_kibibytes_are_not_large "
silent client orders billing
client HTTP orders  | a2+baggage=a=1*4094
orders HTTP billing | a4+baggage=a=1*4094
"
"BAG-001" Keeps what_was_made_of_one_message_need_not_carry_on_another "
silent client orders billing
client memory orders child (2 times) | a2+baggage=user=alice a3+baggage=tenant=7
orders HTTP   billing                | a4+baggage=user=alice a5+baggage=tenant=7
"
"BAG-001" Keeps to_a_third_party_none_is_due "
silent client orders partner
third partner
carries baggage user=alice
client HTTP orders  | a2+baggage=user=alice
orders HTTP partner | a4
"
"BAG-001" Breaks a_middle_loses_what_its_sender_need_not_speak "
silent client orders
speaks client tracecontext
client HTTP orders | a2+baggage=user=alice → a2
"
"BAG-004" Breaks the_properties_of_another_member_do_not_count "
silent client orders billing
client HTTP orders  | a2+baggage=a=1;p,b=1;p
orders HTTP billing | a4+baggage=a=1,b=1;p
"
}
