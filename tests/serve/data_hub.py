"""Steps of the walk in which departments declare, publish and share data."""

import copy
import hashlib
import time

MOVES = {
    "id": "police.moves", "code": "306012/000009", "title": {"zh": "户口迁移登记", "en": "moves of residence"},
    "summary": "户口迁入和迁出", "provider": "police", "format": "csv", "sharing": "unconditional",
    "fields": [
        {"id": "number", "title": {"zh": "迁移证号", "en": "number of the move"}, "type": "text", "grade": 2,
         "key": True, "required": True},
        {"id": "phone", "title": {"zh": "联系电话", "en": "telephone"}, "element": "phone", "type": "phone", "grade": 3},
    ],
}
DATASETS = "/api/v1/catalog/datasets"


def changed(dataset, **members):
    return {**copy.deepcopy(dataset), **members}


class DataHubSteps:
    """Needs `site` with the accounts police and social, data officers with second factors, and clerk."""

    def declared(self, officer, dataset):
        answer = officer.post(DATASETS, dataset)
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.headers["ETag"], f'"{answer.json["version"]}"')
        return answer.json

    def test_a_department_declares_what_it_holds(self):
        police, clerk = self.site.signed_in("police"), self.site.signed_in("clerk")
        moves = self.declared(police, MOVES)
        self.assertEqual({key: moves["dataset"][key] for key in MOVES if key != "fields"},
                         {key: MOVES[key] for key in MOVES if key != "fields"})
        self.assertEqual(police.post(DATASETS, MOVES).status, 409)

        # Every clerk finds it, by words of any of its fields.
        found = clerk.get(DATASETS, q="迁移证号").json["items"]
        self.assertIn("police.moves", [one["dataset"]["id"] for one in found])
        self.assertEqual(clerk.get(DATASETS, q="迁移证号", sharing="not_shared").json["items"], [])
        one = clerk.get(f"{DATASETS}/police.moves")
        self.assertEqual(one.status, 200, one)
        self.assertEqual(clerk.send("GET", f"{DATASETS}/police.moves",
                                    headers={"If-None-Match": one.headers["ETag"]}).status, 304)
        self.assertEqual(self.site.client().get(DATASETS).status, 401)
        self.assertEqual(self.site.signed_in("resident").get(DATASETS).status, 403)

        # A change needs the version that it is made to; the one before stays.
        path = f"{DATASETS}/police.moves"
        daily = changed(MOVES, cycle="daily")
        self.assertEqual(police.send("PUT", path, daily).status, 428)
        self.assertEqual(police.send("PUT", path, daily, {"If-Match": '"7"'}).status, 412)
        answer = police.send("PUT", path, daily, {"If-Match": one.headers["ETag"]})
        self.assertEqual((answer.status, answer.json["version"]), (200, moves["version"] + 1), answer)
        stolen = police.send("PUT", path, changed(daily, provider="social"), {"If-Match": answer.headers["ETag"]})
        self.assertEqual(stolen.json["errors"][0]["pointer"], "/provider", stolen)
        versions = clerk.get(f"{path}/versions").json["items"]
        self.assertEqual([one["dataset"]["cycle"] for one in versions], ["daily", "on_change"])
        self.assertEqual(versions[0]["by_name"], "名字police")
        proof = self.site.signed_in("auditor").get(f"/api/v1/audit/entries/{versions[0]['entry']}/proof")
        self.assertEqual(proof.status, 200, proof)

        self.assertEqual(police.send("DELETE", path, headers={"If-Match": answer.headers["ETag"]}).status, 204)
        self.assertEqual(clerk.get(path).status, 404)
        self.assertNotIn("dataset", clerk.get(f"{path}/versions").json["items"][0])

    def test_nobody_declares_for_others_or_collects_again(self):
        police, social = self.site.signed_in("police"), self.site.signed_in("social")
        held = changed(MOVES, id="police.phones", code="306012/000010")
        self.declared(police, held)
        refused = social.post(DATASETS, changed(held, id="police.more", code="306012/000011"))
        self.assertEqual((refused.status, refused.json["code"]), (403, "other-department"), refused)
        self.assertEqual(self.site.signed_in("clerk").post(DATASETS, held).status, 403)

        again = changed(MOVES, id="social.phones", code="307021/000010", provider="social")
        refused = social.post(DATASETS, again)
        self.assertEqual((refused.status, refused.json["code"]), (409, "collected-already"), refused)
        self.assertEqual([error["pointer"] for error in refused.json["errors"]], ["/fields/1"])
        self.assertIn("公安局", refused.json["errors"][0]["message"])
        again["fields"][1]["collected_because"] = "办理社保业务时联系本人"
        self.declared(social, again)
        holders = self.site.signed_in("clerk").get("/api/v1/catalog/elements/phone/holders").json
        self.assertEqual(holders["element"]["grade"], 3)
        self.assertLessEqual({("police", "police.phones"), ("social", "social.phones")},
                             {(one["provider"], one["dataset"]) for one in holders["items"]})
        self.assertEqual(police.get("/api/v1/catalog/elements/nothing/holders").status, 404)

    def test_an_entry_with_mistakes_tells_all_of_them(self):
        police = self.site.signed_in("police")
        wrong = changed(MOVES, id="police.wrong", code="6", sharing="not_shared", provider="police")
        wrong["fields"][1].update(grade=1, type="text")
        answer = police.post(DATASETS, wrong)
        self.assertEqual(answer.status, 400, answer)
        self.assertEqual({error["pointer"] for error in answer.json["errors"]},
                         {"/code", "/fields/1/grade", "/fields/1/type", "/basis"})
        for error in answer.json["errors"]:
            self.assertNotEqual(error["zh"], error["en"])
        self.assertEqual(police.post(DATASETS, {"id": "x"}).status, 400)

    def test_the_elements_say_what_values_are(self):
        elements = {one["id"]: one for one in self.site.signed_in("clerk").get("/api/v1/catalog/elements").json["items"]}
        self.assertEqual(elements["id_number"]["standard"], "GB 11643-1999")
        self.assertIn("女", [code["value"] for code in elements["sex"]["codes"]])

    def begin(self, officer, dataset, batch, content, **more):
        answer = officer.post(f"{DATASETS}/{dataset}/uploads", {"batch": batch, "name": f"{batch}.csv", "bytes": len(content),
                                                               "sha256": hashlib.sha256(content).hexdigest(), **more})
        self.assertIn(answer.status, (200, 201), answer)
        return answer.json

    def put(self, officer, upload, offset, part):
        return officer.send("PATCH", f"/api/v1/uploads/{upload}", part,
                            {"Content-Type": "application/octet-stream", "Upload-Offset": str(offset)})

    def sent(self, officer, dataset, batch, content, **more):
        """The batch once it came in, or the upload with what was wrong with it."""
        upload = self.begin(officer, dataset, batch, content, **more)["upload"]
        self.assertEqual(self.put(officer, upload["id"], 0, content).status, 204)
        closed = officer.post(f"/api/v1/uploads/{upload['id']}/completion", {})
        self.assertEqual((closed.status, closed.json["state"]), (202, "closed"), closed)
        late = self.put(officer, upload["id"], len(content), b"more")
        self.assertIn(late.status, (404, 409, 503), late)  # Landed, closed, or just being landed.
        self.assertNotIn("offset", late.json)
        for _ in range(600):
            batch = officer.get(f"/api/v1/batches/{upload['id']}")
            if batch.status == 200:
                return batch.json
            waiting = officer.get(f"/api/v1/uploads/{upload['id']}")
            if waiting.status == 200 and waiting.json["state"] == "failed":
                return waiting.json
            time.sleep(0.05)
        raise AssertionError("the batch does not come in")

    def test_a_batch_is_sent_in_parts_and_its_quality_is_told(self):
        police = self.site.signed_in("police")
        rules = [{"id": "long", "title": {"zh": "号长六位", "en": "six characters"}, "holds": "length(number) = 6"}]
        self.declared(police, changed(MOVES, id="police.sent", code="306012/000020", rules=rules,
                                      hold_back={"fewer_rows": 0.5}))
        rows = [f"M{n:05d},1641640{n:04d}" for n in range(1000)]
        rows[5] = "M00005,12"
        rows[7] = "M7,"
        content = ("number,phone\r\n" + "\r\n".join(rows) + "\r\n").encode()
        begun = self.begin(police, "police.sent", "day-1", content)["upload"]
        half = len(content) // 2
        self.assertEqual(self.put(police, begun["id"], 0, content[:half]).headers["Upload-Offset"], str(half))
        # Sent again it is passed over; a gap is refused with the place where it goes on; asked for again it goes on there.
        self.assertEqual(self.put(police, begun["id"], 0, content[:half]).headers["Upload-Offset"], str(half))
        gap = self.put(police, begun["id"], half + 1, content[half + 1:])
        self.assertEqual((gap.status, gap.json["code"], gap.json["offset"]), (409, "upload-offset", half), gap)
        self.assertEqual(police.post(f"/api/v1/uploads/{begun['id']}/completion", {}).status, 409)
        self.assertEqual(self.begin(police, "police.sent", "day-1", content)["upload"]["offset"], half)
        batch = self.sent(police, "police.sent", "day-1", content)
        self.assertEqual((batch["state"], batch["rows"], batch["mistaken"]), ("landed", 1000, 2), batch)
        report = batch["report"]
        self.assertEqual([rule["broken"] for rule in report["rules"]], [1])
        self.assertLess(report["measures"]["validity"], 1)
        self.assertEqual(report["measures"]["completeness"], 1)
        self.assertEqual({row["line"] for row in report["worst_rows"]}, {7, 9})
        self.assertNotIn("M7", str(report))
        # The same again is the same; the name with other content is not.
        self.assertEqual(self.begin(police, "police.sent", "day-1", content)["earlier"]["id"], batch["id"])
        other = police.post(f"{DATASETS}/police.sent/uploads", {"batch": "day-1", "bytes": 3, "sha256": "0" * 64})
        self.assertEqual(other.status, 409, other)

        # Far fewer rows wait for the owner's word; nobody else's counts.
        fewer = self.sent(police, "police.sent", "day-2", content[:content.index(b"M00100")])
        self.assertEqual((fewer["state"], fewer["report"]["held_because"]), ("held", ["fewer_rows"]), fewer)
        decision = f"/api/v1/batches/{fewer['id']}/decision"
        for login in ("social", "clerk"):
            other = self.site.signed_in(login)
            self.assertEqual(other.post(decision, {"decision": "release", "reason": "我说可以"}).status, 403)
            self.assertEqual(other.get(f"/api/v1/batches/{fewer['id']}").status, 403)
        released = police.post(decision, {"decision": "release", "reason": "源系统已核实"})
        self.assertEqual((released.status, released.json["state"]), (200, "landed"), released)
        self.assertEqual(police.post(decision, {"decision": "drop", "reason": "再想想"}).status, 409)
        listed = police.get(f"{DATASETS}/police.sent/batches").json["items"]
        self.assertEqual([one["batch"] for one in listed], ["day-2", "day-1"])
        # More than a page holds is a page.
        for path in (DATASETS, f"{DATASETS}/police.sent/batches"):
            self.assertEqual(police.get(path, limit=1000).status, 200)
        trend = police.get(f"{DATASETS}/police.sent/trend", field="phone", limit=1000).json["items"]
        self.assertEqual([point["missing"] for point in trend], [1, 1])

    def test_what_is_wrong_with_a_batch_is_told(self):
        police = self.site.signed_in("police")
        self.declared(police, changed(MOVES, id="police.wrongly", code="306012/000021"))
        renamed = self.sent(police, "police.wrongly", "renamed", b"number,telephone\nM1,16416400001\n")
        self.assertEqual(renamed["state"], "failed", renamed)
        self.assertIn("phone", renamed["error"])
        self.assertTrue(renamed["hint"])
        # Mended, the same batch comes in.
        mended = self.sent(police, "police.wrongly", "renamed", b"number,phone\nM1,16416400001\n")
        self.assertEqual(mended["state"], "landed", mended)
        claimed = self.sent(police, "police.wrongly", "claimed", "number,phone\n迁移证第一号,16416400001\n".encode("gb18030"),
                            encoding="utf-8")
        self.assertEqual(claimed["state"], "failed", claimed)
        given_up = self.begin(police, "police.wrongly", "given-up", b"number")["upload"]["id"]
        self.assertEqual(police.send("DELETE", f"/api/v1/uploads/{given_up}").status, 204)
        self.assertEqual(police.get(f"/api/v1/uploads/{given_up}").status, 404)
        self.assertEqual(police.post(f"{DATASETS}/police.nothing/uploads", {"batch": "x"}).status, 404)
        self.assertEqual(self.site.signed_in("social").post(f"{DATASETS}/police.wrongly/uploads", {"batch": "x"}).status,
                         403)
