-- Identity's mail is in the tables that every service has. Mail that waited in the old queue is not sent any more: its
-- recipients ask again.

drop table outgoing_mail;
