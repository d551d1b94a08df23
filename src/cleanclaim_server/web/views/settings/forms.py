"""The forms of the settings, with the checks that a number can pass or fail by itself."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from django import forms
from stdnum import luhn
from stdnum.exceptions import ValidationError as NumberError
from stdnum.us import ein, ssn

from cleanclaim.claim import PayerKind
from cleanclaim.codesets.places_of_service import all_places
from cleanclaim.codesets.procedures import find
from cleanclaim.codesets.programmes import facilities, programmes
from cleanclaim.coding.vocabulary import CREDENTIALS
from cleanclaim.edits.prepare import npi_is_valid
from cleanclaim_data.loader import read_csv, when_overlaid
from cleanclaim_server.coverage.models import Enrollment, Payer
from cleanclaim_server.practice.models import Provider

STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
    "ND OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY GU"
).split()
ZONES = [zone for zone in sorted(available_timezones()) if zone.startswith(("America/", "Pacific/", "US/"))]
FILING = {
    "CI": "CI, commercial",
    "BL": "BL, Blue plan",
    "MB": "MB, Medicare part B",
    "MC": "MC, Medicaid",
    "CH": "CH, TRICARE",
    "HM": "HM, health maintenance",
    "12": "12, preferred provider",
    "13": "13, point of service",
    "14": "14, exclusive provider",
    "16": "16, Medicare advantage",
    "OF": "OF, other federal",
    "VA": "VA, Veterans Affairs",
    "WC": "WC, workers' compensation",
    "ZZ": "ZZ, mutually agreed",
}
KINDS = {"commercial": "Commercial", "medicare": "Medicare", "medicaid": "Medicaid", "tricare": "TRICARE"}
assert set(KINDS) <= {kind.value for kind in PayerKind}


def state_choices(blank: str = "Choose one") -> list[tuple[str, str]]:
    return [("", blank), *((state, state) for state in sorted(STATES))]


@cache
def taxonomies() -> list[tuple[str, str]]:
    """Taxonomy codes of mental health with our own words."""
    rows = read_csv("codesets/taxonomy.csv")
    return [(row["taxonomy"], f"{row['taxonomy']}, {row['plain_label']}") for row in rows]


when_overlaid(taxonomies.cache_clear)


def digits(text: str) -> str:
    """The digits of what was typed; blanks, dashes and dots are how people write numbers."""
    return re.sub(r"[\s.\-()]", "", text)


def clean_npi(text: str) -> str:
    """Ten digits with a right check digit.

    Raises:
        ValidationError: It says which digit would pass.
    """
    number = digits(text)
    if not number.isascii() or not number.isdecimal() or len(number) != 10:
        raise forms.ValidationError("An NPI has ten digits.")
    if not npi_is_valid(number):
        if number[0] not in "12":
            raise forms.ValidationError("An NPI begins with 1 or 2.")
        right = number[:9] + luhn.calc_check_digit("80840" + number[:9])
        raise forms.ValidationError(f"The check digit is wrong: {right} would pass.")
    return number


def clean_zip9(text: str) -> str:
    """Nine digits, as claims need them.

    Raises:
        ValidationError: Five digits only, or none.
    """
    number = digits(text)
    if not number.isdecimal() or len(number) != 9:
        raise forms.ValidationError("Claims need all nine digits, for instance 12207-0001.")
    return number


class SetUpForm(forms.Form):
    """A form that says what it is in the page's own words."""

    default_error = "Fill this in."

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = self.default_error
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = "Choose one of the list."
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = "Type a day such as 2026-01-01."


class AgencyForm(SetUpForm):
    name = forms.CharField(max_length=120)
    submitter_id = forms.CharField(max_length=15, min_length=2)
    contact_name = forms.CharField(max_length=60)
    contact_phone = forms.CharField(max_length=20)
    timezone = forms.ChoiceField(choices=[(zone, zone.replace("_", " ")) for zone in ZONES])

    def clean_submitter_id(self) -> str:
        text = self.cleaned_data["submitter_id"].strip().upper()
        if not re.fullmatch(r"[A-Z0-9]{2,15}", text):
            raise forms.ValidationError("Letters and digits only, at most 15.")
        return text

    def clean_contact_phone(self) -> str:
        return _phone(self.cleaned_data["contact_phone"])


def _phone(text: str, *, needed: bool = True) -> str:
    number = digits(text)
    if not number and not needed:
        return ""
    if not number.isdecimal() or len(number) != 10:
        raise forms.ValidationError("Ten digits, with the area code.")
    return number


class AddressForm(SetUpForm):
    """Fields that a practice and a place share."""

    address_line1 = forms.CharField(max_length=55)
    address_line2 = forms.CharField(max_length=55, required=False)
    city = forms.CharField(max_length=40)
    state = forms.ChoiceField(choices=state_choices())
    postal_code = forms.CharField(max_length=12)
    timezone = forms.ChoiceField(choices=[(zone, zone.replace("_", " ")) for zone in ZONES])

    def clean_address_line1(self) -> str:
        text = self.cleaned_data["address_line1"].strip()
        if re.match(r"(?i)p\.?\s*o\.?\s*box", text):
            raise forms.ValidationError("A billing address is a street, not a post office box.")
        return text

    def clean_postal_code(self) -> str:
        return clean_zip9(self.cleaned_data["postal_code"])


class PracticeForm(AddressForm):
    code = forms.CharField(max_length=2, min_length=2)
    name = forms.CharField(max_length=120)
    is_person = forms.BooleanField(required=False)
    first_name = forms.CharField(max_length=40, required=False)
    npi = forms.CharField(max_length=14)
    taxonomy = forms.CharField(max_length=10)
    tax_id_kind = forms.ChoiceField(choices=[("EI", "EIN"), ("SY", "SSN")])
    tax_id = forms.CharField(max_length=14, required=False)
    phone = forms.CharField(max_length=20, required=False)
    programme_facility = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Bills no programme"),
            *((code, f"0{code}x  {one.label}") for code, one in facilities().items()),
        ],
    )

    def __init__(self, *args, has_tax_id: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.has_tax_id = has_tax_id

    def clean_code(self) -> str:
        text = self.cleaned_data["code"].strip().upper()
        if not re.fullmatch(r"[A-Z]{2}", text):
            raise forms.ValidationError("Two letters, for instance HL.")
        return text

    def clean_npi(self) -> str:
        return clean_npi(self.cleaned_data["npi"])

    def clean_taxonomy(self) -> str:
        return _taxonomy(self.cleaned_data["taxonomy"])

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"], needed=False)

    def clean(self) -> dict:
        data = super().clean()
        text = digits(data.get("tax_id") or "")
        if not text:
            if not self.has_tax_id:
                self.add_error("tax_id", "Claims need the tax id.")
            data.pop("tax_id", None)
        else:
            data["tax_id"] = text
            check, word = (ssn, "SSN") if data.get("tax_id_kind") == "SY" else (ein, "EIN")
            try:
                check.validate(text)
            except NumberError:
                wrong = "An EIN has nine digits and begins with a prefix that the IRS gives out."
                self.add_error("tax_id", wrong if word == "EIN" else "This is no SSN that is given out.")
        if data.get("is_person") and not (data.get("first_name") or "").strip():
            self.add_error("first_name", "Somebody who bills as a person has a first name.")
        return data


def _taxonomy(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[0-9A-Z]{9}X", code):
        raise forms.ValidationError("A taxonomy code has ten characters and ends in X.")
    return code


class LocationForm(AddressForm):
    name = forms.CharField(max_length=80)
    place_of_service = forms.ChoiceField()
    npi = forms.CharField(max_length=14, required=False)
    is_billing_address = forms.BooleanField(required=False)

    def __init__(self, *args, on, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_of_service"].choices = [
            (one.code, f"{one.code}, {one.label}") for one in all_places(on)
        ]

    def clean_npi(self) -> str:
        text = self.cleaned_data["npi"]
        return clean_npi(text) if text.strip() else ""


class ProviderForm(SetUpForm):
    first_name = forms.CharField(max_length=40)
    last_name = forms.CharField(max_length=60)
    npi = forms.CharField(max_length=14)
    taxonomy = forms.CharField(max_length=10)
    credential = forms.ChoiceField(
        choices=[("", "Choose one"), *((word, word) for word in sorted(CREDENTIALS))]
    )
    supervisor = forms.ModelChoiceField(None, required=False)
    is_active = forms.BooleanField(required=False)

    def __init__(self, *args, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supervisor"].queryset = colleagues
        self.fields["supervisor"].error_messages["invalid_choice"] = "Choose one of the list."

    def clean_npi(self) -> str:
        return clean_npi(self.cleaned_data["npi"])

    def clean_taxonomy(self) -> str:
        return _taxonomy(self.cleaned_data["taxonomy"])


class LicenseForm(SetUpForm):
    state = forms.ChoiceField(choices=state_choices())
    number = forms.CharField(max_length=30)
    starts_on = forms.DateField(required=False)
    ends_on = forms.DateField(required=False)


class PayerForm(SetUpForm):
    name = forms.CharField(max_length=60)
    payer_id = forms.CharField(max_length=20)
    kind = forms.ChoiceField(choices=list(KINDS.items()))
    claim_filing_code = forms.ChoiceField(choices=list(FILING.items()))
    trading_partner = forms.ModelChoiceField(None, required=False)
    usual_answer_days = forms.IntegerField(min_value=1, max_value=365)
    crosses_over_to_secondary = forms.BooleanField(required=False)
    php_pair = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Not agreed"),
            *(
                (f"{revenue}:{code}", f"{code} under {revenue}")
                for revenue, code in programmes()["partial hospitalization day"].pairs
            ),
        ],
    )
    bill_facility = forms.ChoiceField(
        required=False,
        choices=[
            ("", "As the practice says"),
            *((code, f"0{code}x  {one.label}") for code, one in facilities().items()),
        ],
    )

    def __init__(self, *args, partners, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trading_partner"].queryset = partners

    def clean_payer_id(self) -> str:
        text = self.cleaned_data["payer_id"].strip().upper()
        if not re.fullmatch(r"[A-Z0-9]{2,20}", text):
            raise forms.ValidationError("Letters and digits only, as the clearinghouse lists it.")
        return text

    def clean(self) -> dict:
        data = super().clean()
        needed = {"medicare": {"MB", "16"}, "medicaid": {"MC"}, "tricare": {"CH"}}.get(data.get("kind", ""))
        if needed and data.get("claim_filing_code") not in needed:
            self.add_error(
                "claim_filing_code", f"For this kind of payer it is {' or '.join(sorted(needed))}."
            )
        return data


class PlanForm(SetUpForm):
    name = forms.CharField(max_length=80)
    state = forms.ChoiceField(choices=state_choices("Any state"), required=False)
    program = forms.CharField(max_length=40, required=False)


class PriceForm(SetUpForm):
    code = forms.CharField(max_length=12)
    modifier = forms.CharField(max_length=2, required=False)
    amount = forms.DecimalField(min_value=0, max_digits=8, decimal_places=2)
    starts_on = forms.DateField()

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip().upper()
        if find(code) is None:
            raise forms.ValidationError("This code is in no table of ours.")
        return code

    def clean_modifier(self) -> str:
        return self.cleaned_data["modifier"].strip().upper()

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError("A price is more than nothing.")
        return amount


class EnrollmentForm(SetUpForm):
    payer = forms.ModelChoiceField(Payer.objects.none(), empty_label="Choose")
    role = forms.ChoiceField(choices=Enrollment.Role.choices)
    provider = forms.ModelChoiceField(
        Provider.objects.none(), required=False, empty_label="The practice itself"
    )
    starts_on = forms.DateField()
    ends_on = forms.DateField(required=False)
    reference = forms.CharField(max_length=40, required=False)

    def __init__(self, *args, payers, providers, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payer"].queryset = payers
        self.fields["provider"].queryset = providers


class PartnerForm(SetUpForm):
    """A trading partner. Secrets are written, never shown; left empty they stay."""

    name = forms.CharField(max_length=80)
    transport = forms.ChoiceField(choices=[("folder", "A folder of this machine"), ("sftp", "SFTP server")])
    receiver_id = forms.CharField(max_length=15)
    receiver_qualifier = forms.ChoiceField(
        choices=[("ZZ", "ZZ"), ("30", "30"), ("01", "01"), ("27", "27"), ("28", "28")]
    )
    receiver_name = forms.CharField(max_length=60, required=False)
    usage = forms.ChoiceField(choices=[("T", "Test"), ("P", "Production")])
    wants_ta1 = forms.BooleanField(required=False)
    is_active = forms.BooleanField(required=False)
    outbox = forms.CharField(max_length=300)
    inbox = forms.CharField(max_length=300)
    archive = forms.CharField(max_length=300, required=False)
    keeps_files = forms.BooleanField(required=False)
    host = forms.CharField(max_length=200, required=False)
    port = forms.IntegerField(min_value=1, max_value=65535, required=False)
    user = forms.CharField(max_length=100, required=False)
    host_key = forms.CharField(max_length=1000, required=False)
    password = forms.CharField(max_length=300, required=False)
    private_key = forms.CharField(max_length=8000, required=False)
    passphrase = forms.CharField(max_length=300, required=False)

    SECRETS = ("password", "private_key", "passphrase")
    PLACES = ("outbox", "inbox", "archive", "keeps_files")
    SERVER = ("host", "port", "user", "host_key")

    def __init__(self, *args, kept: dict, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept

    def clean(self) -> dict:
        data = super().clean()
        if data.get("transport") == "folder":
            for key in ("outbox", "inbox"):
                if data.get(key) and not data[key].startswith("/"):
                    self.add_error(key, "Type the whole path, from the root.")
        else:
            for key in ("host", "user", "host_key"):
                if not data.get(key):
                    self.add_error(key, "An SFTP server needs this.")
            if data.get("host_key") and not re.match(r"(ssh-|ecdsa-)", data["host_key"]):
                self.add_error("host_key", "It begins with ssh-ed25519, ssh-rsa or ecdsa.")
            if not any(data.get(key) or self.kept.get(key) for key in ("password", "private_key")):
                self.add_error("password", "Type a password, or a private key below.")
        return data

    def config(self) -> dict:
        """The settings to keep, sealed: what was typed, and secrets that were left empty as they are."""
        data = self.cleaned_data
        found = {key: data[key] for key in self.PLACES if data.get(key)}
        if data["transport"] == "sftp":
            found |= {key: data[key] for key in self.SERVER if data.get(key)}
            found |= {
                key: data.get(key) or self.kept.get(key)
                for key in self.SECRETS
                if data.get(key) or self.kept.get(key)
            }
        return found
