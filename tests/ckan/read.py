#!/usr/bin/env python3
"""read.py URL ID: ckanapi reads the open data of a server as it reads CKAN's, and rdflib its catalogue; ID is a publication with
columns street, sex, age, count. Exits with an error where something is not as a client of CKAN expects it."""

import sys

import ckanapi
import rdflib
import rdflib.compare

DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def read_actions(ckan, name):
    assert ckan.action.site_read() is True
    assert ckan.action.status_show()["extensions"] == ["datastore"]
    assert name in ckan.action.package_list()
    assert ckan.action.package_list(limit=1, offset=0) == ckan.action.package_list()[:1]

    found = ckan.action.package_search(q="年龄", fq="groups:society", rows=5, **{"facet.field": ["tags", "organization"]})
    assert name in [package["name"] for package in found["results"]], found
    assert found["facets"]["organization"]["police"] >= 1
    assert {item["name"] for item in found["search_facets"]["tags"]["items"]} >= {"人口"}
    assert ckan.action.package_search(fq='-organization:"police"')["count"] == 0
    assert ckan.action.package_search(q="nothingofthekind")["count"] == 0

    package = ckan.action.package_show(id=name)
    assert package["organization"]["name"] == package["owner_org"] == "police"
    formats = {resource["format"]: resource for resource in package["resources"]}
    assert set(formats) == {"CSV", "JSON", "Parquet", "GeoJSON"}, formats
    csv = ckan.action.resource_show(id=formats["CSV"]["id"])
    assert csv["datastore_active"] and csv["url"].startswith("http"), csv
    assert [one["name"] for one in ckan.action.organization_list(all_fields=True)] == ["police"]
    assert ckan.action.organization_show(id="police", include_datasets=True)["packages"][0]["name"] == name
    assert ckan.action.group_list() == ["society"]
    assert "人口" in ckan.action.tag_list()
    return csv["id"]


def read_rows(ckan, resource):
    answer = ckan.action.datastore_search(resource_id=resource, filters={"sex": "女"}, sort="count desc", limit=3)
    counts = [row["count"] for row in answer["records"]]
    assert counts == sorted(counts, reverse=True) and all(row["sex"] == "女" for row in answer["records"]), answer
    assert answer["total"] > 3 and [field["id"] for field in answer["fields"]][0] == "_id"
    page = ckan.action.datastore_search(resource_id=resource, filters={"sex": ["女"]}, sort="count desc", limit=2, offset=1)
    assert [row["count"] for row in page["records"]] == counts[1:]
    lists = ckan.action.datastore_search(resource_id=resource, fields=["age"], distinct=True, records_format="lists")
    assert sorted(row[1] or "" for row in lists["records"]) == sorted({row[1] or "" for row in lists["records"]})
    assert ckan.action.datastore_search(resource_id=resource, q="40-59", include_total=False).get("total") is None
    assert ckan.action.datastore_info(id=resource)["meta"]["count"] > 10


def read_refusals(ckan, resource):
    refused(ckanapi.NotFound, lambda: ckan.action.package_show(id="nothing"))
    refused(ckanapi.NotFound, lambda: ckan.action.datastore_search(resource_id="nothing"))
    wrong = refused(ckanapi.ValidationError, lambda: ckan.action.datastore_search(resource_id=resource, sort="count; DROP"))
    assert "sort" in wrong.error_dict, wrong
    refused(ckanapi.ValidationError, lambda: ckan.action.package_show())
    refused(ckanapi.CKANAPIError, lambda: ckan.action.datastore_search_sql(sql="SELECT 1"))


def read_catalogue(url, name):
    graphs = [rdflib.Graph().parse(f"{url}/catalog.{end}", format=form) for end, form in (("jsonld", "json-ld"), ("rdf", "xml"))]
    assert rdflib.compare.isomorphic(*graphs), "JSON-LD and RDF/XML tell different things"
    datasets = list(graphs[0].subjects(rdflib.RDF.type, DCAT.Dataset))
    assert [str(dataset) for dataset in datasets if name in str(dataset)], datasets
    for dataset in datasets:
        assert list(graphs[0].objects(dataset, DCAT.distribution)), dataset
        assert {text.language for text in graphs[0].objects(dataset, rdflib.DCTERMS.title)} == {"zh", "en"}


def main():
    url, name = sys.argv[1:]
    for only_get in (False, True):
        with ckanapi.RemoteCKAN(url, get_only=only_get) as ckan:
            if only_get:
                assert ckan.action.package_search(q="年龄", rows=1)["count"] >= 1
                continue
            resource = read_actions(ckan, name)
            read_rows(ckan, resource)
            read_refusals(ckan, resource)
    read_catalogue(url, name)


if __name__ == "__main__":
    main()
