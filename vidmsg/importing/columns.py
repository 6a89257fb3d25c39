"""What a column means, by its heading: in English, German, French, Spanish and Japanese, and as Google and Outlook
export it. A heading that we do not know stays unknown; nothing is taken in by guess. Pure; knows no rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

FIELDS = {
    "": _l("Leave it out"),
    "name": _l("Whole name"),
    "first_name": _l("First name"),
    "middle_name": _l("Middle name"),
    "last_name": _l("Last name"),
    "suffix": _l("After the name (Jr.)"),
    "mobile": _l("Mobile number"),
    "home_phone": _l("Number at home"),
    "work_phone": _l("Number at work"),
    "phone": _l("Other number"),
    "phone_label": _l("Which number comes next"),
    "fax": _l("Fax (never used)"),
    "email": _l("E-mail (only to find doubles)"),
    "birthday": _l("Birthday"),
    "customer_since": _l("Customer since"),
    "work_anniversary": _l("Works here since"),
    "contract": _l("Contract or project since"),
    "visits": _l("Visits so far (a round number is a day)"),
    "reached": _l("Visits reached now (any number is a day)"),
    "anniversary": _l("Wedding day (a note)"),
    "event_label": _l("Which day comes next"),
    "event": _l("Another day (a note)"),
    "company": _l("Company"),
    "looked_after": _l("Looked after by (a colleague)"),
    "time_zone": _l("Time zone"),
    "consent": _l("Said yes to texts"),
    "consent_source": _l("Where the yes was said"),
    "consent_words": _l("The words of the yes"),
    "do_not_contact": _l("Do not contact"),
    "note": _l("Note"),
    "family": _l("Note on the family"),
    "recreation": _l("Note on free time"),
}
"""Everything that a column can be, in the order of the choices, with its words."""

HEADINGS = {
    "name": "name, full name, display name, contact name, customer name, kundenname, nom complet,"
    " nombre completo, vollständiger name, 氏名, 名前, お名前, 顧客名",
    "first_name": "first name, firstname, first, given name, forename, vorname, prénom, prenom, nombre de pila, 名",
    "middle_name": "middle name, additional name, second name, deuxième prénom, segundo nombre",
    "last_name": "last name, lastname, last, surname, family name, nachname, familienname, nom de famille, apellido,"
    " apellidos, 姓, 苗字",
    "suffix": "suffix, name suffix",
    "mobile": "mobile, mobile phone, mobile number, mobile no, cell, cell phone, cellphone, cell number, mobil,"
    " mobiltelefon, mobilnummer, handy, handynummer, portable, téléphone portable, tél portable, téléphone mobile,"
    " móvil, teléfono móvil, celular, número de móvil, 携帯電話, 携帯, 携帯番号, 携帯電話番号",
    "home_phone": "home phone, home phone 2, private phone, telefon privat, telefon (privat),"
    " téléphone domicile, teléfono particular, teléfono de casa, 自宅電話, 自宅電話番号",
    "work_phone": "business phone, business phone 2, work phone, office phone, company main phone,"
    " telefon geschäftlich, telefon (geschäftlich), téléphone bureau, téléphone professionnel, teléfono del trabajo,"
    " teléfono de la oficina, 会社電話, 会社電話番号, 勤務先電話番号",
    "phone": "phone, phone number, telephone, telephone number, primary phone,"
    " other phone, tel, telefon, telefonnummer,"
    " rufnummer, téléphone, numéro de téléphone, tél, teléfono, número de teléfono, número, 電話, 電話番号",
    "fax": "fax, home fax, business fax, other fax, work fax, telefax, fax number, faxnummer, télécopie, ファックス,"
    " fax番号, pager, telex, isdn, tty/tdd phone, radio phone, assistant's phone, callback, car phone",
    "email": "email, e-mail, e-mail address, email address, e-mail 2 address, e-mail 3 address, mail, e-mail-adresse,"
    " courriel, adresse e-mail, adresse électronique, correo, correo electrónico, 電子メール アドレス,"
    " 電子メール, メールアドレス, メール",
    "birthday": "birthday, birth date, birthdate, date of birth, dob, born, geburtstag, geburtsdatum, geb datum,"
    " date de naissance, anniversaire, naissance, fecha de nacimiento, cumpleaños, nacimiento, 誕生日, 生年月日",
    "customer_since": "customer since, client since, member since, with us since, joined, join date, customer start,"
    " kunde seit, kundin seit, mitglied seit, client depuis, cliente depuis, membre depuis, cliente desde, socio desde,"
    " fecha de alta, 顧客開始日, 利用開始日, 入会日",
    "work_anniversary": "work anniversary, works here since, hire date, date hired, hired, date of hire,"
    " employed since, employee since, eintrittsdatum, eintritt, dienstjubiläum, im betrieb seit, date d'embauche,"
    " embauché le, fecha de contratación, fecha de ingreso, 入社日, 入社年月日",
    "contract": "contract date, contract start, contract since, contract signed, contract anniversary,"
    " project start, vertragsdatum, vertragsbeginn, vertrag seit, date du contrat, début du contrat,"
    " fecha del contrato, inicio del contrato, 契約日, 契約開始日",
    "visits": "visits, visit count, visits so far, number of visits, total visits, besuche, anzahl besuche,"
    " anzahl der besuche, visites, nombre de visites, visitas, número de visitas, 来店回数, 訪問回数",
    "reached": "visits reached, visit reached, milestone visit, visit milestone, erreichte besuche, visites atteintes,"
    " visitas alcanzadas",
    "anniversary": "anniversary, wedding anniversary, wedding day, hochzeitstag, anniversaire de mariage,"
    " aniversario, aniversario de boda, 結婚記念日, 記念日",
    "company": "company, company name, organization name, organisation name, organization, organisation,"
    " organization 1 name, account name, firma, unternehmen, entreprise, société, empresa, compañía, 会社名, 会社",
    "looked_after": "looked after by, looks after, account owner, contact owner, assigned to, account manager,"
    " betreut von, betreuer, betreuerin, ansprechpartner, suivi par, responsable, atendido por, encargado, encargada,"
    " 担当者, 担当",
    "time_zone": "time zone, timezone, zone, zeitzone, fuseau horaire, zona horaria, タイムゾーン",
    "consent": "consent, sms consent, text consent, consent to texts, opt in, opted in, sms opt in, opt-in,"
    " einwilligung, sms einwilligung, einverständnis, consentement, accord sms, consentimiento, 同意, sms同意",
    "consent_source": "consent source, source of consent, opt in source, sms opt in source, einwilligung quelle,"
    " quelle der einwilligung, source du consentement, origen del consentimiento, fuente del consentimiento, 同意元",
    "consent_words": "consent words, consent wording, consent text, wording, wortlaut, texte du consentement,"
    " texto del consentimiento, 同意文",
    "do_not_contact": "do not contact, dnc, do not text, do not call, opt out, opted out, sms opt out, unsubscribed,"
    " nicht kontaktieren, keine werbung, ne pas contacter, no contactar, 連絡不可, 配信停止",
    "note": "note, notes, comment, comments, remarks, notiz, notizen, bemerkung, bemerkungen, remarque, remarques,"
    " commentaire, commentaires, nota, notas, comentario, comentarios, observaciones, メモ, 備考",
    "family": "spouse, partner, children, kids, ehepartner, kinder, conjoint, enfants, cónyuge, hijos, 配偶者, 子供",
    "recreation": "hobby, hobbies, interests, interessen, loisirs, aficiones, 趣味",
}
NUMBERED = (
    (re.compile(r"(e mail|email) \d+ value"), "email"),
    (re.compile(r"phone \d+ (label|type)"), "phone_label"),
    (re.compile(r"phone \d+ value"), "phone"),
    (re.compile(r"event \d+ (label|type)"), "event_label"),
    (re.compile(r"event \d+ value"), "event"),
)
"""Columns of Google's exports."""
EITHER = {"name", "nom", "nombre", "名"}
"""Headings that mean the whole name alone, and a part of it beside the other part."""
ONLY_ONCE = {"name", "first_name", "middle_name", "last_name", "suffix", "birthday", "customer_since", "company",
             "work_anniversary", "contract", "visits", "reached",
             "looked_after", "time_zone", "consent", "consent_source", "consent_words"}  # fmt: skip


def guess(header: Sequence[str]) -> list[str]:
    """The meaning of each column, "" where the heading is unknown or says again what an earlier one said."""
    plain = [_plain(heading) for heading in header]
    found = [_KNOWN.get(heading) or _numbered(heading) for heading in plain]
    for at, heading in enumerate(plain):
        if heading in EITHER:
            found[at] = _part_of_name(heading, found)
    seen: set[str] = set()
    for at, field in enumerate(found):
        if field in ONLY_ONCE and field in seen:
            found[at] = ""
        seen.add(field)
    return found


def _part_of_name(heading: str, found: list[str]) -> str:
    if heading == "nombre" or heading == "名":
        return "first_name" if "last_name" in found else "name"
    return "last_name" if "first_name" in found and "last_name" not in found else "name"


def _numbered(heading: str) -> str:
    return next((field for pattern, field in NUMBERED if pattern.fullmatch(heading)), "")


def _plain(heading: str) -> str:
    """Small letters, words parted by one space, without marks between them: `E-mail 1 - Value` → `e mail 1 value`."""
    small = unicodedata.normalize("NFKC", heading).casefold()
    return " ".join(re.sub(r"[^\w]|_", " ", small).split())


_KNOWN = {_plain(one): field for field, words in HEADINGS.items() for one in words.split(",")}
