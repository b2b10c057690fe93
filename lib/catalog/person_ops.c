/* person_ops.c - people and credits seen from outside.
 */
#include "catalog/credit.h"
#include "catalog/named_ops.h"

static cinema_status create(op_call *k)
{
    cinema_person *p = NULL;
    cinema_status s = cinema_person_create(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status get(op_call *k)
{
    cinema_person *p = NULL;
    cinema_status s = cinema_person_get(k->cinema, op_text(k, "person_id"), NULL, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status update(op_call *k)
{
    cinema_person *p = NULL;
    cinema_status s =
        cinema_person_update(k->cinema, op_text(k, "person_id"), k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status remove_(op_call *k)
{
    return cinema_person_remove(k->cinema, op_text(k, "person_id"), k->input, k->err);
}

static cinema_status list(op_call *k)
{
    cinema_person_page *p = NULL;
    cinema_status s = cinema_person_list(k->cinema, k->input, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status credits_of_person(op_call *k)
{
    cinema_person_credits_query *q = k->input;
    cinema_person_credits *p = NULL;
    q->published_only = !op_may(k, "content.write");
    cinema_status s = cinema_person_credits_list(k->cinema, op_text(k, "person_id"), q, &p, k->err);
    return s ? s : op_give(k, p);
}

static cinema_status credits_get(op_call *k)
{
    cinema_title_options in = { .published_only = !op_may(k, "content.write") };
    cinema_credits *l = NULL;
    cinema_status s = cinema_credits_get(k->cinema, op_text(k, "title_id"), &in, &l, k->err);
    return s ? s : op_give(k, l);
}

static cinema_status credits_set(op_call *k)
{
    cinema_credits *l = NULL;
    cinema_status s = cinema_credits_set(k->cinema, op_text(k, "title_id"), k->input, &l, k->err);
    return s ? s : op_give(k, l);
}

/* clang-format off */
const op cinema__person_ops[] = {
    NAMED_OPS("person", "/v1/people", "person_id", cinema__person, cinema__person_query,
              "a person", "people by name", "conflict:slug_taken conflict:external_id_taken",
              "not_found stale conflict:in_use"),
    { .name = "person.credits", .method = "GET", .path = "/v1/people/{person_id}/credits",
      .success = 200, .permission = ANYONE, .nature = READ,
      .input = &cinema__person_credits_query, .output = &cinema__person_credit,
      .function = credits_of_person, .summary = "What a person worked on, newest first",
      .outcomes = "invalid:cursor not_found", .flags = PAGE },
    { .name = "credits.get", .method = "GET", .path = "/v1/titles/{title_id}/credits",
      .success = 200, .permission = ANYONE, .nature = READ, .output = &cinema__credits,
      .function = credits_get, .summary = "Cast and crew of a film, series or episode",
      .outcomes = "not_found", .flags = ETAG },
    { .name = "credits.set", .method = "PUT", .path = "/v1/titles/{title_id}/credits",
      .success = 200, .permission = "content.write", .nature = WRITE,
      .input = &cinema__credits_input, .output = &cinema__credits, .function = credits_set,
      .summary = "Replace cast and crew; order counts",
      .outcomes = "invalid:unknown_person not_found stale", .flags = ETAG },
    { 0 },
};
