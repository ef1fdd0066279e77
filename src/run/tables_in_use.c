#include "run/tables_in_use.h"

#include "compile/compile.h"

#include <stdlib.h>

static void tables_free(caucus_tables_in_use *t)
{
    caucus_compiled_free(t->compiled);
    pthread_mutex_destroy(&t->compiling);
    free(t);
}

caucus_tables_in_use *caucus_tables_claim(caucus_tables_in_use **all, uint64_t config)
{
    caucus_tables_in_use *t = *all;
    while (t != NULL && t->config != config) {
        t = t->next;
    }
    if (t == NULL && caucus_alloc(1, sizeof *t, "tables", &t) == CAUCUS_OK) {
        t->config = config;
        pthread_mutex_init(&t->compiling, NULL);
        t->next = *all;
        *all = t;
    }
    if (t != NULL) {
        t->users++;
    }
    return t;
}

caucus_status caucus_tables_compile(caucus_tables_in_use *tables, caucus_plan *plan)
{
    pthread_mutex_lock(&tables->compiling);
    caucus_status status =
        tables->compiled == NULL ? caucus_plan_compile(plan, tables->config, &tables->compiled) : CAUCUS_OK;
    pthread_mutex_unlock(&tables->compiling);
    return status;
}

void caucus_tables_return(caucus_tables_in_use **all, caucus_tables_in_use *used, uint64_t next_config)
{
    if (--used->users > 0 || used->config >= next_config) {
        return;
    }
    caucus_tables_in_use **at = all;
    while (*at != used) {
        at = &(*at)->next;
    }
    *at = used->next;
    tables_free(used);
}

void caucus_tables_free_all(caucus_tables_in_use *all)
{
    while (all != NULL) {
        caucus_tables_in_use *next = all->next;
        tables_free(all);
        all = next;
    }
}
