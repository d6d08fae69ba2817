"""Steps of the walk in which departments share data, and residents see it."""

import base64
import csv
import datetime
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile
import time

from installation import AUDIT, BASIS, OWN, SOURCE, run

REQUESTS = "/api/v1/exchange/requests"
RESIDENTS = "police.residents"
WITHHELD = "dsl-38"
CORRECTIONS = "/api/v1/exchange/corrections"
QUESTIONS = "/api/v1/exchange/questions"
TO_CORRECT = "pipl-44-46"


def moment(**ahead):
    """A time ahead of now, as the interface has it."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def wanted(**members):
    return {"department": "social", "dataset": RESIDENTS, "fields": ["name", "id_number", "phone"], "purpose": "handle_case",
            "basis": BASIS, "reason": "办理高龄津贴", "until": moment(days=30), "per_minute": 60, "per_day": 1000, **members}


def opened(asked, **members):
    """Conditions that open all that was asked for."""
    return {"fields": [{"field": field} for field in asked["fields"]],
            **{name: asked[name] for name in ("until", "per_minute", "per_day")}, **members}


class ExchangeSteps:
    """Needs `site` as `prepare_exchange` leaves it, with data officers of police and social, clerk, auditor and admin."""

    row = other_row = row_person = None

    @classmethod
    def prepare_exchange(cls, site):
        """The police's register in the vault, each row with whom it is about; and one of these people has an account."""
        # The document's own example of a file of terms, with disclosures on one basis withheld.
        example = re.search(r"```yaml file=exchange.yaml\n(.*?)```", (SOURCE / "docs/exchange.md").read_text(), re.DOTALL)
        (site.where / "exchange.yaml").write_text(example[1].replace("id-card-3-6", WITHHELD))
        with (site.where / "zhili.yaml").open("a") as settings:
            settings.write("exchange: exchange.yaml\n")
        land = site.district / "district"
        run(site.program, "catalog", "declare", site.where, SOURCE / "packs/population/registers/police.residents.yaml")
        run(site.program, "batch", "send", site.where, RESIDENTS, land / "police.csv", "--batch", "first")
        linked = run(site.program, "base", "link", site.where, site.district / "person", "--kind", "person", "--dataset",
                     RESIDENTS, "--source", "police")
        assert linked["changed"] > 0, linked
        rows = {row["人员编号"]: row for row in csv.DictReader((land / "police.csv").open(encoding="utf-8"))}
        with (site.district / "person" / "links.csv").open(encoding="utf-8") as lines:
            for link in csv.DictReader(lines):
                row = rows.get(link["record_id"])
                if link["source"] == "police" and row and row["公民身份号码"] and row["联系电话"] and row["姓名"]:
                    if cls.row is not None:
                        cls.other_row = row
                        break
                    cls.row, cls.row_person = row, link["entity_id"]
        site.account("neighbour", "resident", person=cls.row_person)
        for login, department in (("street", "street-990101001"), ("health", "health")):
            site.account(login, f"data_officer:{department}:{site.root}", second_factor=True)

    def drafted(self, officer, **members):
        answer = officer.post(REQUESTS, wanted(**members))
        self.assertEqual((answer.status, answer.json["state"]), (201, "draft"), answer)
        return answer.json

    def step(self, officer, request, step, status=200, **members):
        """One step of the request as the officer sees it now."""
        path = f"{REQUESTS}/{request['id']}"
        seen = officer.get(path)
        answer = officer.send("POST", f"{path}/steps", {"step": step, **members}, {"If-Match": seen.headers["ETag"]})
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def granted(self, conditions=None, **members):
        social, police = self.site.signed_in("social"), self.site.signed_in("police")
        request = self.drafted(social, **members)
        self.step(social, request, "submitted")
        return self.step(police, request, "approved", conditions=opened(request["wanted"], **(conditions or {})))

    def use(self, client, grant, **asked):
        return client.post(f"{REQUESTS}/{grant['id']}/rows", asked or {"keys": [[self.row["人员编号"]]]})

    def test_a_request_goes_from_its_draft_to_its_grant(self):
        social, police = self.site.signed_in("social"), self.site.signed_in("police")
        wrong = social.post(REQUESTS, wanted(fields=["name", "nothing"], until="2020-01-01T00:00:00Z", basis="nobody-knows"))
        self.assertEqual((wrong.status, {error["pointer"] for error in wrong.json["errors"]}),
                         (400, {"/fields/1", "/until", "/basis"}), wrong)
        for error in wrong.json["errors"]:
            self.assertNotEqual(error["zh"], error["en"])
        self.assertEqual(self.site.signed_in("clerk").post(REQUESTS, wanted()).status, 403)
        self.assertEqual(police.post(REQUESTS, wanted()).status, 403, "nobody asks for another department")

        request = self.drafted(social)
        path = f"{REQUESTS}/{request['id']}"
        self.assertEqual(request["steps"], ["submitted", "withdrawn"])
        self.assertEqual(police.get(path).status, 404, "a draft is the department's own")
        changed = social.send("PUT", path, wanted(reason="办理医疗救助"), {"If-Match": '"1"'})
        self.assertEqual((changed.status, changed.json["wanted"]["reason"]), (200, "办理医疗救助"), changed)
        self.assertEqual(social.send("POST", f"{path}/steps", {"step": "submitted"}).status, 428)
        self.assertEqual(social.send("POST", f"{path}/steps", {"step": "submitted"}, {"If-Match": '"1"'}).status, 412)
        submitted = self.step(social, request, "submitted")
        self.assertEqual((submitted["state"], submitted["answers"], submitted["days_left"]), ("submitted", "police", 10))
        seen = police.get(path).json
        self.assertEqual(seen["steps"], ["approved", "refused"])
        self.assertEqual((seen["requested_by_name"], seen["dataset_title"]["zh"]), ("名字social", "常住人口登记"))
        self.step(social, request, "approved", 403, conditions=opened(request["wanted"]))
        more = self.step(police, request, "approved", 400, conditions=opened(
            request["wanted"], per_day=5000, fields=[{"field": "name"}, {"field": "former_name"}]))
        self.assertEqual({error["pointer"] for error in more["errors"]}, {"/conditions/per_day", "/conditions/fields/1"}, more)
        self.step(police, request, "approved", 400)
        granted = self.step(police, request, "approved", conditions=opened(
            request["wanted"], fields=[{"field": "name"}, {"field": "phone", "masked": True}]), reason="只开放所需信息项")
        self.assertEqual((granted["state"], granted["decided_by_name"]), ("approved", "名字police"))
        self.assertEqual(granted["conditions"]["fields"], [{"field": "name", "masked": False}, {"field": "phone", "masked": True}])
        again = self.step(police, request, "approved", 409, conditions=opened(request["wanted"]))
        self.assertEqual(again["code"], "moved-on")

        # Each side finds it on its side; others do not.
        for client, side, found in ((social, "asks", True), (police, "answers", True), (police, "asks", False),
                                    (self.site.signed_in("health"), "asks", False)):
            department = "social" if client is social else "police"
            listed = client.get(REQUESTS, department=department, side=side).json["items"]
            self.assertEqual(request["id"] in [one["id"] for one in listed], found, (side, department))
        auditor = self.site.signed_in("auditor")
        self.assertEqual(auditor.get(path).status, 404)
        self.assertEqual(auditor.get(path, purpose="audit").json["state"], "approved")
        self.assertEqual(auditor.get(f"/api/v1/audit/entries/{granted['entry']}/proof").status, 200)
        newest = self.drafted(social)
        page = social.get(REQUESTS, department="social", limit=1).json
        self.assertEqual([one["id"] for one in page["items"]], [newest["id"]])
        older = social.get(REQUESTS, department="social", limit=1, cursor=page["next"]).json["items"]
        self.assertLess(older[0]["id"], newest["id"])

    def test_the_catalogue_answers_where_it_can(self):
        social, police = self.site.signed_in("social"), self.site.signed_in("police")
        entry = {"code": "306012/000040", "title": {"zh": "统计口径", "en": "figures"}, "summary": "口径", "provider": "police",
                 "format": "csv", "fields": [{"id": "number", "title": {"zh": "编号", "en": "number"}, "type": "text",
                                              "grade": 2, "key": True, "required": True}]}
        for dataset, more in (("police.open_to_all", {"sharing": "unconditional"}),
                              ("police.kept", {"sharing": "not_shared", "basis": "id-card-3-6", "code": "306012/000041"})):
            self.assertEqual(police.post("/api/v1/catalog/datasets", {**entry, "id": dataset, **more}).status, 201)
        at_once = self.step(social, self.drafted(social, dataset="police.open_to_all", fields=["number"]), "submitted")
        self.assertEqual(at_once["state"], "approved")
        self.assertNotIn("decided_by", at_once)
        never = self.step(social, self.drafted(social, dataset="police.kept", fields=["number"]), "submitted")
        self.assertEqual(never["state"], "refused")
        self.assertIn("居民身份证法", never["reason"])

    def test_rows_are_told_signed_and_stand_in_the_ledger(self):
        social, police = self.site.signed_in("social"), self.site.signed_in("police")
        grant = self.granted({"fields": [{"field": "name"}, {"field": "phone", "masked": True}]})
        used = self.use(social, grant)
        self.assertEqual(used.status, 200, used)
        told = json.loads(used.json["answer"])
        self.assertEqual((told["dataset"], told["grant"], told["entry"]), (RESIDENTS, grant["id"], used.json["entry"]))
        self.assertEqual(told["rows"][0][0], self.row["姓名"])
        self.assertIn("*", told["rows"][0][1])
        self.assertNotIn(self.row["联系电话"], used.body)
        self.check_statement(used.json["statement"], used.json["answer"].encode())
        refused = self.use(social, grant, keys=[[self.row["人员编号"]]], fields=["name", "id_number"])
        self.assertEqual([one["field"] for one in refused.json["refused"]], ["id_number"], refused)
        self.assertEqual(json.loads(self.use(social, grant, keys=[["nobody"]]).json["answer"])["rows"], [])
        self.assertEqual(self.use(social, grant, fields=["name"]).status, 400)
        # A system of the department may use it, the owner and others may not; they are logged as refused.
        self.assertEqual(self.use(self.site.client(self.key), grant).status, 200)
        for client in (police, self.site.signed_in("health")):
            other = self.use(client, grant)
            self.assertEqual((other.status, other.json["code"]), (403, "grant-not-yours"), other)
        unknown = self.use(social, {"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"})
        self.assertEqual((unknown.status, unknown.json["code"]), (404, "grant-unknown"), unknown)

        for client in (social, police):
            days = client.get(f"{REQUESTS}/{grant['id']}/days").json["items"]
            self.assertEqual((days[0]["rows"], days[0]["refused"]), (3, 2), days)
            calls = client.get(f"{REQUESTS}/{grant['id']}/calls").json["items"]
            self.assertEqual([call.get("refusal", {}).get("reason") for call in calls][:2], ["grant_not_yours"] * 2)
            self.assertIn("system", [call["actor_name"] for call in calls])
        self.assertEqual(self.site.signed_in("health").get(f"{REQUESTS}/{grant['id']}/calls").status, 404)

        ledger = self.site.signed_in("neighbour").get(f"{self.of(self.row_person)}/disclosures", **OWN).json
        line = next(one for one in ledger["items"] if one["entry"] == used.json["entry"])
        self.assertEqual((line["department"], line["dataset"], line["grant"], line["purpose"], line["basis"], line["rows"]),
                         ("social", RESIDENTS, grant["id"], "handle_case", BASIS, 1), line)
        self.assertEqual((line["dataset_title"]["zh"], line["fields"][0]["title"]["zh"]), ("常住人口登记", "姓名"))
        self.assertEqual({one["field"]: one["masked"] for one in line["fields"]}, {"name": False, "phone": True})

    def check_statement(self, statement, answer):
        """As a third party does, with the published key and openssl alone."""
        text, signature = statement.split("\n\n")
        said = dict(line.split(" ", 1) for line in text.splitlines()[1:])
        name, digits = said["digest"].split(":")
        self.assertEqual(int(said["bytes"]), len(answer))
        key = self.site.client().get("/.well-known/zhili-exchange-key").body.strip()
        self.assertEqual(key, (self.site.where / "exchange.vkey").read_text().strip())
        if name != "sha256":
            self.assertEqual(name, "sm3")
            return
        self.assertEqual(digits, hashlib.sha256(answer).hexdigest())
        public = base64.b64decode(key.split("+", 2)[2])[1:]
        with tempfile.TemporaryDirectory() as scratch:
            place = pathlib.Path(scratch)
            (place / "text").write_text(text + "\n")
            (place / "signature").write_bytes(base64.b64decode(signature.split()[2])[4:])
            # The fixed head of a public key of Ed25519 in DER (RFC 8410).
            (place / "key").write_bytes(bytes.fromhex("302a300506032b6570032100") + public)
            done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", place / "key", "-rawin",
                                   "-in", place / "text", "-sigfile", place / "signature"], capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done)

    def test_a_grant_is_used_as_often_as_it_allows(self):
        social = self.site.signed_in("social")
        grant = self.granted({"per_day": 2})
        self.assertEqual([self.use(social, grant).status for _ in range(3)], [200, 200, 429])
        late = self.use(social, grant)
        self.assertEqual((late.json["code"], late.headers["Retry-After"]), ("over-rate-day", "3600"), late)

    def test_a_file_is_fetched_in_parts_until_the_grant_ends(self):
        social, police = self.site.signed_in("social"), self.site.signed_in("police")
        grant = self.granted(fields=["resident_number", "name"])
        files = f"{REQUESTS}/{grant['id']}/files"
        made = social.post(files, {})
        self.assertEqual((made.status, made.json["state"]), (201, "ready"), made)
        self.assertEqual(self.site.signed_in("health").post(files, {}).status, 404)
        path = f"/api/v1/exchange/files/{made.json['id']}"
        whole = social.get(path)
        self.assertEqual(whole.status, 200, whole)
        content = whole.body.encode()
        self.assertEqual(len(content), made.json["bytes"])
        self.check_statement(made.json["statement"], content)
        rows = [json.loads(line) for line in content.splitlines()]
        self.assertEqual([field["field"] for field in rows[0]["fields"]], ["resident_number", "name"])
        self.assertEqual(len(rows) - 1, made.json["rows"])
        self.assertIn([self.row["人员编号"], self.row["姓名"]], rows)
        # Broken off, it is gone on with; what lies behind the end is told.
        half = len(content) // 2
        head = social.send("GET", path, headers={"Range": f"bytes=0-{half - 1}"})
        self.assertEqual((head.status, head.headers["Content-Range"]), (206, f"bytes 0-{half - 1}/{len(content)}"), head)
        behind = social.send("GET", path, headers={"Range": f"bytes={len(content)}-"})
        self.assertEqual((behind.status, behind.headers["Content-Range"]), (416, f"bytes */{len(content)}"), behind)
        other = police.get(path)
        self.assertEqual((other.status, other.json["code"]), (403, "grant-not-yours"), other)
        # In the middle of the download the owner ends the grant.
        self.step(police, grant, "revoked", 400)
        self.step(police, grant, "revoked", reason="数据用途变化")
        tail = social.send("GET", path, headers={"Range": f"bytes={half}-"})
        self.assertEqual((tail.status, tail.json["code"]), (403, "grant-revoked"), tail)
        self.assertEqual(self.use(social, grant).json["code"], "grant-revoked")
        for _ in range(200):
            if social.get(files).json["items"][0]["state"] == "gone":
                break
            time.sleep(0.1)
        self.assertEqual(social.get(files).json["items"][0]["state"], "gone")

    def test_a_grant_that_expires_in_mid_download_stops_it(self):
        social = self.site.signed_in("social")
        until = moment(seconds=4)
        grant = self.granted(fields=["resident_number", "name"], until=until)
        made = social.post(f"{REQUESTS}/{grant['id']}/files", {})
        self.assertEqual(made.status, 201, made)
        path = f"/api/v1/exchange/files/{made.json['id']}"
        self.assertEqual(social.send("GET", path, headers={"Range": "bytes=0-99"}).status, 206)
        while moment() <= until:
            time.sleep(0.1)
        tail = social.send("GET", path, headers={"Range": "bytes=100-"})
        self.assertEqual((tail.status, tail.json["code"]), (403, "grant-expired"), tail)
        self.assertEqual(self.use(social, grant).json["code"], "grant-expired")
        for _ in range(200):
            if social.get(f"{REQUESTS}/{grant['id']}").json["state"] == "expired":
                break
            time.sleep(0.1)
        self.assertEqual(social.get(f"{REQUESTS}/{grant['id']}").json["state"], "expired")

    def test_an_owner_who_leaves_is_stood_in_for(self):
        social, police, admin = (self.site.signed_in(login) for login in ("social", "police", "admin"))
        street = self.site.signed_in("street")
        entry = {"id": "street.shops", "code": "306012/000050", "title": {"zh": "沿街商铺", "en": "shops"},
                 "summary": "商铺", "provider": "street-990101001", "format": "csv", "sharing": "conditional",
                 "sharing_condition": "按需", "basis": "data-sharing",
                 "fields": [{"id": "number", "title": {"zh": "编号", "en": "number"}, "type": "text", "grade": 2, "key": True,
                             "required": True}]}
        declared = street.post("/api/v1/catalog/datasets", entry)
        self.assertEqual(declared.status, 201, declared)
        request = self.drafted(social, dataset=entry["id"], fields=["number"])
        self.assertEqual(self.step(social, request, "submitted")["answers"], "street-990101001")
        self.assertEqual(police.get(f"{REQUESTS}/{request['id']}").status, 404)
        account = next(one["id"] for one in admin.get("/api/v1/accounts").json["items"] if one["login"] == "street")
        admin.send("PUT", f"/api/v1/accounts/{account}/state", {"state": "closed"})
        for _ in range(200):
            answers = social.get(f"{REQUESTS}/{request['id']}").json.get("answers")
            if answers != "street-990101001":
                break
            time.sleep(0.1)
        # The nearest area above has officers of several departments; whoever stands in is not who asks.
        stand_in = self.site.signed_in(answers)
        self.assertEqual(self.step(stand_in, request, "approved", conditions=opened(request["wanted"]))["state"], "approved")

    def claimed(self, grant, row, **members):
        return {"dataset": RESIDENTS, "key": [row["人员编号"]], "field": "phone", "seen": row["联系电话"],
                "proposed": "16416409999", "reason": "本人来电告知已换号", "grant": grant["id"], **members}

    def test_a_wrong_value_goes_to_its_owner_and_back(self):
        social, police, health = (self.site.signed_in(login) for login in ("social", "police", "health"))
        grant = self.granted({"fields": [{"field": "name"}, {"field": "phone"}, {"field": "id_number", "masked": True}]})
        moved = social.post(CORRECTIONS, self.claimed(grant, self.row, seen="16416400000"))
        self.assertEqual((moved.status, moved.json["code"]), (409, "changed-since"), moved)
        for not_seen in ({"field": "id_number", "seen": self.row["公民身份号码"]}, {"field": "birth_date", "seen": "1990"}):
            refused = social.post(CORRECTIONS, self.claimed(grant, self.row, **not_seen))
            self.assertEqual((refused.status, refused.json["code"]), (403, "not-yours"), refused)
        self.assertEqual(health.post(CORRECTIONS, self.claimed(grant, self.row)).status, 403)
        made = social.post(CORRECTIONS, self.claimed(grant, self.row))
        self.assertEqual((made.status, made.json["state"], made.json["answers"], made.json["days_left"]),
                         (201, "submitted", "police", 10), made)
        self.assertNotIn("16416409999", made.body)
        path = f"{CORRECTIONS}/{made.json['id']}"
        self.assertEqual(health.get(path).status, 404)
        self.assertIn(made.json["id"], [one["id"] for one in police.get(CORRECTIONS, department="police", open="true").json["items"]])
        self.assertEqual(police.get(path).json["held"], "same")
        words = police.get(f"{path}/words", basis=TO_CORRECT)
        self.assertEqual((words.json["proposed"], words.json["reason"]), ("16416409999", "本人来电告知已换号"), words)
        self.assertEqual(police.get(f"{path}/words", basis="tax-collection-8").status, 403)
        decision = {"decision": "accept", "way": "mark", "answer": "已核实，下一批次更正"}
        self.assertEqual(police.post(f"{path}/decision", decision).status, 428)
        for officer, status in ((social, 403), (police, 200), (police, 412)):
            answer = officer.send("POST", f"{path}/decision", decision, {"If-Match": '"1"'})
            self.assertEqual(answer.status, status, answer)
        self.assertEqual(social.get(f"{path}/words", basis=TO_CORRECT).json["answer"], "已核实，下一批次更正")
        used = self.use(social, grant)
        self.assertEqual(used.json["marked"], [{"row": 0, "fields": ["phone"]}], used)

    def test_a_correction_of_a_value_that_changed_since_is_overtaken(self):
        social, police = self.site.signed_in("social"), self.site.signed_in("police")
        grant = self.granted()
        made = social.post(CORRECTIONS, self.claimed(grant, self.other_row))
        self.assertEqual(made.status, 201, made)
        changed = {"_change": "update", **self.other_row, "联系电话": "16416408888"}
        lines = f"{','.join(changed)}\n{','.join(changed.values())}\n".encode()
        batch = self.sent(police, RESIDENTS, "a-change", lines, kind="changes")
        self.assertEqual(batch["state"], "landed", batch)
        path = f"{CORRECTIONS}/{made.json['id']}"
        for _ in range(200):
            seen = police.get(path).json
            if seen["held"] != "same":
                break
            time.sleep(0.05)
        self.assertEqual(seen["held"], "other")
        late = police.send("POST", f"{path}/decision", {"decision": "accept", "way": "mark"}, {"If-Match": '"1"'})
        self.assertEqual((late.status, late.json["code"]), (409, "changed-since"), late)
        self.assertEqual(social.get(path).json["state"], "overtaken")

    def test_a_person_has_a_value_in_the_own_row_corrected(self):
        neighbour = self.site.signed_in("neighbour")
        claim = self.claimed({"id": ""}, self.row, field="registered_address", seen=self.row["户籍地址"], proposed="新地址")
        del claim["grant"]
        made = neighbour.post(CORRECTIONS, claim)
        self.assertEqual(made.status, 201, made)
        self.assertNotIn("department", made.json)
        self.assertIn(made.json["id"], [one["id"] for one in neighbour.get(CORRECTIONS).json["items"]])
        other = self.site.signed_in("resident").post(CORRECTIONS, claim)
        self.assertEqual((other.status, other.json["code"]), (403, "not-yours"), other)
        police = self.site.signed_in("police")
        path = f"{CORRECTIONS}/{made.json['id']}"
        refuse = {"decision": "refuse", "answer": "  "}
        self.assertEqual(police.send("POST", f"{path}/decision", refuse, {"If-Match": '"1"'}).status, 400)
        refuse["answer"] = "与户口簿一致"
        self.assertEqual(police.send("POST", f"{path}/decision", refuse, {"If-Match": '"1"'}).json["state"], "refused")
        self.assertEqual(neighbour.get(f"{path}/words", basis=TO_CORRECT).json["answer"], "与户口簿一致")

    def test_a_resident_asks_about_a_line_and_is_answered(self):
        social, neighbour = self.site.signed_in("social"), self.site.signed_in("neighbour")
        line = self.use(social, self.granted()).json["entry"]
        path = f"{self.of(self.row_person)}/questions"
        ask = {"line": line, "basis": OWN["basis"], "text": "为什么查询我的电话？"}
        stranger = self.site.signed_in("resident").post(path, ask)
        self.assertEqual(stranger.status, 403, stranger)
        self.assertEqual(neighbour.post(path, {**ask, "line": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}).status, 404)
        asked = neighbour.post(path, ask)
        self.assertEqual((asked.status, asked.json["department"], asked.json["days_left"]), (201, "social", 15), asked)
        question = asked.json["id"]
        self.assertIn(question, [one["id"] for one in social.get(QUESTIONS, department="social").json["items"]])
        self.assertEqual(self.site.signed_in("police").get(QUESTIONS, department="social").status, 403)
        words = f"{QUESTIONS}/{question}/words"
        self.assertEqual(social.get(words, basis=TO_CORRECT).json["asked"], "为什么查询我的电话？")
        self.assertEqual(self.site.signed_in("police").get(words, basis=TO_CORRECT).status, 403)
        answer = {"text": "为核对您本人申请的高龄津贴。"}
        self.assertEqual(self.site.signed_in("police").post(f"{QUESTIONS}/{question}/answer", answer).status, 403)
        self.assertEqual(social.post(f"{QUESTIONS}/{question}/answer", answer).json["state"], "answered")
        self.assertEqual(social.post(f"{QUESTIONS}/{question}/answer", answer).status, 409)
        own = {one["id"]: one for one in neighbour.get(path).json["items"]}
        self.assertEqual((own[question]["state"], own[question]["line"]), ("answered", line))
        self.assertEqual(neighbour.get(words, basis=OWN["basis"]).json["answered"], answer["text"])

    def test_what_a_law_withholds_is_counted_and_shown_to_the_auditor(self):
        social, neighbour = self.site.signed_in("social"), self.site.signed_in("neighbour")
        used = self.use(social, self.granted(purpose="statistics", basis=WITHHELD))
        self.assertEqual(used.status, 200, used)
        entry = used.json["entry"]
        path = f"{self.of(self.row_person)}/disclosures"
        ledger = neighbour.get(path, **OWN).json
        self.assertNotIn(entry, [line["entry"] for line in ledger["items"]])
        self.assertEqual(ledger["withheld"], 1)
        self.assertGreater(ledger["withheld_until"], moment(days=179))
        asked = {"line": entry, "basis": OWN["basis"], "text": "？"}
        self.assertEqual(neighbour.post(f"{self.of(self.row_person)}/questions", asked).status, 404)
        lines = self.site.signed_in("auditor").get(path, **AUDIT).json["items"]
        self.assertTrue(next(line for line in lines if line["entry"] == entry)["withheld"])

    def test_the_ledger_is_served_as_govstack_has_it(self):
        neighbour = self.site.signed_in("neighbour")
        entry = self.use(self.site.signed_in("social"), self.granted()).json["entry"]
        mediator = {"Information-Mediator-Client": "eGovStack/GOV/90000009/digitalregistries"}

        def usage(client, database, person=self.row_person, headers=None):
            return client.send("GET", f"/data/MyPersonalDataUsage/1.0?userID={person}&DatabaseID={database}",
                               headers=mediator if headers is None else headers)

        for database in ("person", RESIDENTS):
            answer = usage(neighbour, database)
            self.assertEqual(answer.status, 200, answer)
            line = next(one for one in answer.json if one["ID"] == entry)
            self.assertEqual((line["ReaderInstitutionID"], line["ReaderInstitutionName"], line["ReaderInitials"]),
                             ("social", "人力资源和社会保障局", "名"), line)
            self.assertEqual(line["Refrences"][0], {"ReferenceID": RESIDENTS})
        self.assertEqual({one["Refrences"][0]["ReferenceID"] for one in usage(neighbour, RESIDENTS).json}, {RESIDENTS})
        self.assertEqual(usage(neighbour, "nothing").status, 400)
        self.assertEqual(usage(neighbour, "person", headers={}).status, 400)
        self.assertEqual(usage(neighbour, "person", self.resident_person).status, 403)
        self.assertEqual(usage(self.site.client(), "person").status, 401)
