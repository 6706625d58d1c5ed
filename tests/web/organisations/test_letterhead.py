"""What the head of an organisation's paper says beside its name."""
from test_language import settings
from test_people import join


def test_paper_has_the_organisations_address_and_phone_at_its_head(server, clinic):
    patient = clinic.add_patient("Ann Lee")
    assert settings(clinic, address="Harbour Street 3\n20459 Hamburg", phone="+49 40 3600").status == 303
    page = clinic.get(patient + "/print").text
    head = page.split('class="letterhead"')[1].split("</div>")[0]
    for words in (clinic.organisation, "Harbour Street 3\n20459 Hamburg", "+49 40 3600", "Confidential"):
        assert words in head, head
    reader = join(server, clinic, roles=("front_desk",))
    assert "Harbour Street 3" in reader.get(patient + "/print").text
    other = server.organisation()
    assert "Harbour" not in other.get(other.add_patient("Bo") + "/print").text


def test_the_letterhead_is_optional_judged_and_left_alone_by_who_does_not_send_it(clinic):
    patient = clinic.add_patient("Ann Lee")
    head = clinic.get(patient + "/print").text.split('class="letterhead"')[1].split("</div>")[0]
    assert "<span" in head and 'class="note"' not in head
    wrong = settings(clinic, phone="call us")
    assert wrong.status == 422 and wrong.page.fields["phone"] == "call us"
    assert settings(clinic, address="Pier 1", phone="12345").status == 303
    assert clinic.submit("/organisation", language="").status == 303  # an older client
    fields = clinic.get("/organisation").page.fields
    assert (fields["address"], fields["phone"]) == ("Pier 1", "12345")
    assert settings(clinic, address="", phone="").status == 303
    assert clinic.get("/organisation").page.fields["address"] == ""
