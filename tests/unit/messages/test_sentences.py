"""What people write when they have had enough, when they are puzzled, and when they mean neither."""

from __future__ import annotations

import pytest

from vidmsg.messages import keywords

STOPS = """
please stop texting me
Please stop texting me.
Stop texting me!!
STOP TEXTING ME
pls stop
Stop please
please stop.
ok stop now
can you please stop?
Could you stop messaging me
Stop sending me these videos
stop all messages
Stop calling and texting
I want you to stop texting me
I said stop
No, stop texting me
Why don't you stop texting me
Do not contact me again
don't contact me
Don’t text me anymore
dont text me
Never text me again
Do not contact
Don't text anymore
please don’t message again
Remove
REMOVE
please remove
Remove, thanks
Remove from list
remove from your mailing list
No more please
Please, no more of this
No more, thank you
Do not send me any more messages
please don't send me videos
Remove me from your list
remove my number please
Take me off your list
Take me off this list!
Get me off of this
Please remove me
Delete my number
Unsubscribe me
please unsubscribe
How do I unsubscribe?
I want to opt out
I opt out.
opt me out
No more texts
no more messages please
I revoke my consent
I withdraw my permission to text this number
Leave me alone
lose my number
I don't want these messages
I do not want to receive texts from you
I no longer wish to be contacted
don't want any more of this
cancel these messages
Cancel my subscription
make it stop
STOP. I never signed up for this
Who is this? Stop texting me.
Hi! Thanks but please take me off the list
Por favor no me escriban más
no me mandes mensajes
No me envíen más mensajes
No quiero recibir mensajes
no quiero más mensajes
Deja de escribirme
dejen de mandarme mensajes
quítame de la lista
Bórrenme de su lista
Quiero darme de baja
ALTO
Basta ya
no más mensajes
"""

UNCLEAR = """
why do I get this?
Why am I getting these texts
wrong number
Sorry, you have the wrong number
Wrong person
who is this
Who's this?
Who are you
who dis
how did you get my number
Where did you get my info from?
I don't know you
I never signed up for this
Is this spam?
this is a scam
I will report you
If you don't stop texting me I will report you
My lawyer will hear about this
not interested
No more
Do not call
This is not Maria
there is no Maria here
I no longer use this number
Stop texting me before 9
Don't text me at work
please don't contact me today
Stop! You're making me blush
Quién es?
número equivocado
por qué me escriben
"""

NEITHER = """
I'll stop by tomorrow
Can I stop by tomorrow?
stop by tomorrow
can't stop smiling
I can't stop watching it!
Don't stop
please don't stop!
Never stop sending these
Don't ever stop texting me
Why did you stop sending me videos?
I had to stop at the store
the bus stop is closed
You made my day, thank you!
Thanks Bob
yes
YES
No
ok
Love it ❤️
I had to cancel my trip
Can I cancel my appointment?
The end of summer
Call me
Don't call me, text me
I don't text much, call me
I don't text anymore
Remove the cake from the oven
Don't bother
No more questions
No more cake for me, please
Please text me the address
Text me when you can
Who should I ask for?
Great video, who filmed it?
I want to remove the old fence
take me to your leader
see you on the list
What a sweet message
Non stop fun
we stop working at five
No quiero perder mi cita
¡No pares!
Gracias por el mensaje
I quit smoking
To the end
"""


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("body", lines(STOPS))
def test_plain_words_end_all_texts(body: str) -> None:
    assert keywords.kind(body) == keywords.STOP


@pytest.mark.parametrize("body", lines(UNCLEAR))
def test_puzzled_words_are_put_before_a_person(body: str) -> None:
    assert keywords.kind(body) == keywords.UNCLEAR


@pytest.mark.parametrize("body", lines(NEITHER))
def test_other_words_are_just_a_reply(body: str) -> None:
    assert keywords.kind(body) == keywords.TEXT


def test_a_long_text_full_of_almosts_is_read_too() -> None:
    assert keywords.kind("please " * 220) == keywords.TEXT
    assert keywords.kind("stop the all these " * 80) == keywords.TEXT
