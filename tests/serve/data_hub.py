"""Steps of the walk in which departments declare, publish and share data."""

import copy

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
        self.assertEqual([one["dataset"]["id"] for one in found], ["police.moves"])
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
        self.assertIn("police.phones", refused.json["errors"][0]["message"])
        again["fields"][1]["collected_because"] = "办理社保业务时联系本人"
        self.declared(social, again)
        holders = self.site.signed_in("clerk").get("/api/v1/catalog/elements/phone/holders").json
        self.assertEqual(holders["element"]["grade"], 3)
        self.assertEqual({(one["provider"], one["dataset"]) for one in holders["items"]},
                         {("police", "police.phones"), ("social", "social.phones")})
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
