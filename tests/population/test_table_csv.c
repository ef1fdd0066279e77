/* From CSV tables to populations: categories, bins, weights, missing values, and every way to get a spec wrong. */
#include "table_files.h"

#include <locale.h>

static caucus_population *read_table(const caucus_table_spec *spec)
{
    caucus_population *p = NULL;
    if (caucus_table_read(spec, &p, NULL) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    return p;
}

static void test_categories(void **state)
{
    (void)state;
    caucus_table_spec spec = {
        .place.path = write_text("colour,y,size\nred,b,L\n,a,XL\nNA,b,L\nred,b,L\nred,a,L\n(missing),a,XL\n"),
        .label = "y"};
    caucus_population *p = read_table(&spec);
    assert_int_equal(p->n_features, 2);
    assert_string_equal(p->features[0].name, "colour");
    assert_values(&p->features[0], "red|(missing)");
    assert_values(&p->features[1], "L|XL");
    assert_string_equal(p->label.name, "y");
    assert_values(&p->label, "a|b");
    assert_int_equal(p->n_labels, 2);
    assert_int_equal(p->n_cells, 3);
    assert_int_equal(p->total, 6);
    assert_true(p->finite);
    assert_int_equal(weight_of(p, (const char *[]){"red", "L"}, "b"), 2);
    assert_int_equal(weight_of(p, (const char *[]){"red", "L"}, "a"), 1);
    assert_int_equal(weight_of(p, (const char *[]){"(missing)", "XL"}, "a"), 2);
    assert_non_null(strstr(p->source, "table.csv (6 rows)"));
    caucus_population_free(p);
}

static void test_features_in_the_order_asked_for(void **state)
{
    (void)state;
    caucus_table_spec spec = {.place.path = write_text(",a,b,c,y\n1,p,q,r,0\n2,p,q,s,1\n"),
                              .label = "y",
                              .n_features = 2,
                              .features = (const char *const[]){"c", "a"}};
    caucus_population *p = read_table(&spec);
    assert_string_equal(p->features[0].name, "c");
    assert_string_equal(p->features[1].name, "a");
    assert_int_equal(p->n_cells, 2);
    caucus_population_free(p);
}

static void test_sorted_bytewise_and_row_order_free(void **state)
{
    (void)state;
    caucus_table_spec spec = {.place.path = write_text("x,y\nb,0\n\xC3\xA9,0\nZ,1\na,1\n10,0\n9,0\n"), .label = "y"};
    caucus_population *p = read_table(&spec);
    assert_values(&p->features[0], "10|9|Z|a|b|\xC3\xA9");
    spec.place.path = write_text("x;y\r\n\"9\";0\r\na;1\r\n10;0\r\nb;0\r\n\xC3\xA9;0\r\nZ;\"1\"");
    caucus_population *q = read_table(&spec);
    assert_int_equal(p->checksum, q->checksum);
    caucus_population_free(p);
    caucus_population_free(q);
}

static void test_bins(void **state)
{
    (void)state;
    const caucus_bins bins[] = {{"age", 3, (const double[]){25, 50, 62.5}}, {"y", 1, (const double[]){1e3}}};
    caucus_table_spec spec = {.place.path =
                                  write_text("age,y\n24.999,10\n25,1e3\n-1e9,999.99\n 49 ,2000\n50,1\n62.5,1\n,5000\n"),
                              .label = "y",
                              .n_bins = 2,
                              .bins = bins};
    caucus_population *p = read_table(&spec);
    assert_values(&p->features[0], "<25|25..50|50..62.5|>=62.5|(missing)");
    assert_values(&p->label, "<1000|>=1000");
    assert_int_equal(weight_of(p, (const char *[]){"<25"}, "<1000"), 2);
    assert_int_equal(weight_of(p, (const char *[]){"25..50"}, ">=1000"), 2);
    assert_int_equal(weight_of(p, (const char *[]){"50..62.5"}, "<1000"), 1);
    assert_int_equal(weight_of(p, (const char *[]){">=62.5"}, "<1000"), 1);
    assert_int_equal(weight_of(p, (const char *[]){"(missing)"}, ">=1000"), 1);
    caucus_population_free(p);
}

static void test_numbers_in_another_locale(void **state)
{
    (void)state;
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        print_message("no locale de_DE.UTF-8 on this machine\n");
        skip();
    }
    const caucus_bins bins[] = {{"x", 1, (const double[]){0.5}}};
    caucus_table_spec spec = {
        .place.path = write_text("x,y\n1.25e0,0\n0.25,1\n"), .label = "y", .n_bins = 1, .bins = bins};
    caucus_population *p = read_table(&spec);
    setlocale(LC_ALL, "C");
    assert_values(&p->features[0], "<0.5|>=0.5");
    caucus_population_free(p);
}

static void test_weights(void **state)
{
    (void)state;
    caucus_table_spec spec = {.place.path =
                                  write_text("x,n,y\na,3,0\nb,4.0,0\na,5,0\nc,0,1\nb,1e3,1\nd,9007199254739980,1\n"),
                              .label = "y",
                              .weight = "n"};
    caucus_population *p = read_table(&spec);
    assert_int_equal(p->n_features, 1);
    assert_values(&p->features[0], "a|b|c|d"); /* c is nobody's, yet a value that somebody may be set to */
    assert_int_equal(p->n_cells, 3);
    assert_int_equal(p->total, UINT64_C(9007199254740992));
    assert_int_equal(weight_of(p, (const char *[]){"a"}, "0"), 8);
    assert_int_equal(weight_of(p, (const char *[]){"b"}, "1"), 1000);
    assert_int_equal(weight_of(p, (const char *[]){"c"}, "1"), 0);
    assert_non_null(strstr(p->source, "(6 rows, 9,007,199,254,740,992 people)"));
    caucus_population_free(p);
}

/* More rows, cells and values than the hash tables begin with; counts checked against a direct count. */
static void test_many_rows(void **state)
{
    (void)state;
    enum { ROWS = 200000, A = 700, B = 90, C = 3 };
    FILE *file = fopen(test_path("table.csv"), "w");
    uint32_t *counts = calloc((size_t)A * B * C, sizeof *counts);
    uint64_t random = 7;
    fprintf(file, "first column,b,c,d,e,y\n");
    for (int i = 0; i < ROWS; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t a = (uint32_t)(random >> 33) % A;
        uint32_t b = (uint32_t)(random >> 20) % B;
        uint32_t c = (uint32_t)(random >> 45) % C;
        counts[(a * B + b) * C + c]++;
        fprintf(file, "a somewhat longer value %03u,%02u,x,%u,y,label %u\n", a, b, a % 2, c);
    }
    fclose(file);
    caucus_table_spec spec = {.place.path = test_path("table.csv"), .label = "y"};
    caucus_population *p = read_table(&spec);
    assert_int_equal(p->total, ROWS);
    assert_int_equal(p->features[0].n_values, A);
    uint64_t n_cells = 0;
    for (uint32_t cell = 0; cell < A * B; cell++) {
        n_cells += counts[cell * C] + counts[cell * C + 1] + counts[cell * C + 2] > 0;
    }
    assert_int_equal(p->n_cells, n_cells);
    for (uint64_t cell = 0; cell < n_cells; cell++) {
        const uint32_t *x = p->codes + cell * 5;
        for (uint32_t y = 0; y < C; y++) { /* zero-padded names: the bytewise order is the numbers' */
            assert_int_equal(p->weights[cell * C + y], counts[(x[0] * B + x[1]) * C + y]);
        }
        assert_int_equal(x[3], x[0] % 2);
    }
    caucus_population_free(p);
    free(counts);
}

static void write_distinct(int n)
{
    FILE *file = fopen(test_path("table.csv"), "w");
    fprintf(file, "id,y\n");
    for (int i = 0; i < n; i++) {
        fprintf(file, "%d,%d\n", i, i % 2);
    }
    fclose(file);
}

static void test_most_values(void **state)
{
    (void)state;
    caucus_table_spec spec = {.place.path = "", .label = "y"};
    caucus_population *p = NULL;
    write_distinct(65535);
    spec.place.path = test_path("table.csv");
    p = read_table(&spec);
    assert_int_equal(p->features[0].n_values, 65535);
    assert_int_equal(p->n_cells, 65535);
    caucus_population_free(p);
    write_distinct(65536);
    assert_int_equal(caucus_table_read(&spec, &p, NULL), CAUCUS_INVALID);
    assert_message("table.csv:65537:1: column \"id\": more than 65,535 different values; cut the column with bins");
}

/* One spelling for a number and a truth value, in columns that have nothing else; words of default and other lists. */
static void test_spelling(void **state)
{
    (void)state;
    caucus_table_spec spec = {
        .place.path = write_text("n,b,code,mixed,big,y\n4.0,True,007,4.0,12345678901234567890,a\n4,false,7,4,1,b\n"
                                 " 1e3 ,TRUE,10,x,-0,a\n-0.50,,11,4,0,b\n?,NA,12,#N/A,0.0,a\n"),
        .label = "y"};
    caucus_population *p = read_table(&spec);
    assert_values(&p->features[0], "-0.5|1000|4|(missing)");
    assert_values(&p->features[1], "false|true|(missing)");
    assert_values(&p->features[2], "007|10|11|12|7");
    assert_values(&p->features[3], "4|4.0|x|(missing)");
    assert_values(&p->features[4], "0|1|12345678901234567890");
    caucus_population_free(p);

    const caucus_missing_words words = {2, (const char *const[]){"-9", "none"}};
    spec =
        (caucus_table_spec){.place.path = write_text("x,age,y\n-9.0,-9,a\nNA,31, none \n -9,-9.00,b\n1,60,b\n, ,a\n"),
                            .label = "y",
                            .n_bins = 1,
                            .bins = &(const caucus_bins){"age", 1, (const double[]){40}},
                            .missing = &words};
    p = read_table(&spec);
    assert_values(&p->features[0], "1|(missing)");
    assert_values(&p->features[1], "<40|>=40|(missing)");
    assert_values(&p->label, "a|b");
    assert_int_equal(p->total, 4);
    assert_int_equal(p->n_unlabelled_rows, 1);
    assert_int_equal(weight_of(p, (const char *[]){"(missing)", "(missing)"}, "a"), 2);
    caucus_population_free(p);

    spec.missing = &(const caucus_missing_words){0};
    spec.n_bins = 0;
    p = read_table(&spec);
    assert_values(&p->features[0], " -9|-9.0|1|NA|(missing)");
    caucus_population_free(p);
}

/* Rows without a label leave nothing behind, unless they are kept. */
static void test_unlabelled(void **state)
{
    (void)state;
    caucus_table_spec spec = {
        .place.path = write_text("job,n,y\na,2,good\nb,3,\nc,5,NA\na,7,bad\n,1,\n"), .label = "y", .weight = "n"};
    caucus_population *p = read_table(&spec);
    assert_values(&p->features[0], "a");
    assert_values(&p->label, "bad|good");
    assert_int_equal(p->n_rows, 2);
    assert_int_equal(p->n_unlabelled_rows, 3);
    assert_int_equal(p->n_unlabelled, 9);
    assert_int_equal(p->total, 9);
    caucus_population_free(p);
    spec.keep_unlabelled = true;
    p = read_table(&spec);
    assert_values(&p->features[0], "a|b|c|(missing)");
    assert_values(&p->label, "bad|good|(missing)");
    assert_int_equal(p->n_unlabelled_rows, 0);
    assert_int_equal(p->total, 18);
    assert_int_equal(weight_of(p, (const char *[]){"b"}, "(missing)"), 3);
    caucus_population_free(p);
    spec.keep_unlabelled = false;
    spec.n_bins = 1;
    spec.bins = &(const caucus_bins){"y", 1, (const double[]){5}};
    spec.place.path = write_text("job,n,y\na,2,1\nb,3,\nc,5,?\na,7,9\n");
    p = read_table(&spec);
    assert_values(&p->label, "<5|>=5");
    assert_int_equal(p->n_unlabelled_rows, 2);
    caucus_population_free(p);
}

static void test_income(void **state)
{
    (void)state;
    caucus_table_spec spec = {.place.path = TEST_SOURCE_DIR "/data/income.csv",
                              .label = "income",
                              .n_features = 4,
                              .features = (const char *const[]){"age", "education", "home_type", "householder"}};
    caucus_population *p = read_table(&spec);
    assert_int_equal(p->total, 8993);
    assert_int_equal(p->n_labels, 9);
    assert_values(&p->features[3], "Family|Own|Rent|(missing)");
    caucus_population_free(p);
}

static void test_vehicles(void **state)
{
    (void)state;
    caucus_table_spec spec = {
        .place.path = TEST_SOURCE_DIR "/data/vehicles-classes.csv", .label = "evaluation", .weight = "count"};
    caucus_population *p = read_table(&spec);
    assert_int_equal(p->total, 3000000);
    assert_int_equal(p->n_cells, 10);
    assert_values(&p->label, "Average|Excellent|Good|Poor");
    assert_int_equal(weight_of(p, (const char *[]){"C5", "signal"}, "Poor"), 4479);
    assert_int_equal(weight_of(p, (const char *[]){"C5", "signal"}, "Average"), 0);
    caucus_population_free(p);
}

typedef struct bad_case {
    const char *text;
    caucus_table_spec spec;
    const char *message;
} bad_case;

#define FEATURES(...)                                                                                                  \
    .n_features = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), .features = (const char *const[])       \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define BINS(...)                                                                                                      \
    .n_bins = 1, .bins = &(const caucus_bins)                                                                          \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define EDGES(...)                                                                                                     \
    sizeof((const double[]){__VA_ARGS__}) / sizeof(double), (const double[])                                           \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

static void test_bad(void **state)
{
    (void)state;
    const char *people = "age,home,n,income\n20,Own,1,low\n30,Rent,2,high\n";
    const bad_case cases[] = {
        {people, {.label = "incom"}, "table.csv: no column is named \"incom\"; did you mean \"income\"?"},
        {people,
         {.label = "zzzzzzzz"},
         "no column is named \"zzzzzzzz\"; there are: \"age\", \"home\", \"n\", \"income\""},
        {people, {.label = "income", FEATURES("age", "Home")}, "\"Home\"; did you mean \"home\"?"},
        {people,
         {.label = "income", FEATURES("age", "age")},
         "column \"age\" is the feature and cannot be the feature too"},
        {people,
         {.label = "income", FEATURES("income")},
         "column \"income\" is the label and cannot be the feature too"},
        {people, {.label = "income", .weight = "m"}, "no column is named \"m\""},
        {people, {.label = "income", .weight = "income"}, "is the label and cannot be the weight too"},
        {people, {.label = "income", .weight = "n", FEATURES("n")}, "is the weight and cannot be the feature too"},
        {people, {.label = "income", BINS("agee", EDGES(1))}, "no column is named \"agee\"; did you mean \"age\"?"},
        {people,
         {.label = "income", FEATURES("home"), BINS("age", EDGES(1))},
         "\"age\" has bins, but is neither a feature"},
        {people, {.label = "income", BINS("age", 0, NULL)}, "bins of column \"age\" need 1 to 65533 edges"},
        {people,
         {.label = "income", BINS("age", EDGES(2, 1))},
         "the edges of the bins of column \"age\" must be increasing"},
        {people, {.label = "income", BINS("age", EDGES(1, 1))}, "must be increasing numbers"},
        {people, {.label = "income", BINS("age", EDGES(0.0 / 0.0))}, "must be increasing numbers"},
        {people,
         {.label = "income", BINS("home", EDGES(1))},
         "table.csv:2:4: \"Own\" is not a number, but column \"home\""},
        {people, {.label = "income", .weight = "home"}, "table.csv:2:4: \"Own\" in column \"home\" is not a weight"},
        {people, {.label = "income", .place.group = "/people"}, "not an HDF5 file, so it has no group \"/people\""},
        {people, {.label = "income", .place.separator = ';'}, "no column is named \"income\""},
        {"x,n,y\na,1,0\nb,-1,1\n", {.label = "y", .weight = "n"}, "table.csv:3:3: weight -1 in column \"n\""},
        {"x,n,y\na,1,0\nb,1.5,1\n", {.label = "y", .weight = "n"}, "table.csv:3:3: weight 1.5 in column \"n\""},
        {"x,n,y\na,1,0\nb,,1\n", {.label = "y", .weight = "n"}, "table.csv:3:3: no weight in column \"n\"; write 0"},
        {"x,n,y\na,1,0\nb,9007199254740994,1\n",
         {.label = "y", .weight = "n"},
         "table.csv:3:3: weight 9007199254740994"},
        {"x,n,y\na,1,0\nb,9007199254740992,1\n",
         {.label = "y", .weight = "n"},
         "table.csv:3:3: the weights up to here"},
        {"x,n,y\na,0,0\nb,0,1\n", {.label = "y", .weight = "n"}, "table.csv: every row has weight 0"},
        {"x,y\na,0\nb,0\n", {.label = "y"}, "the label column \"y\" has one value only, \"0\""},
        {"x,y\n", {.label = "y"}, "table.csv: the table has columns but no rows"},
        {"y\na\nb\n", {.label = "y"}, "table.csv: no column is left to be a feature"},
        {",y\n1,0\n", {.label = "y"}, "table.csv: no column is left to be a feature"},
        {"x,x,y,y,w,z,z\n1,a,0,0,1,1,1\n",
         {.label = "y", FEATURES("x", "w")},
         "table.csv: names that several columns have: \"y\" (columns 3, 4), \"x\" (columns 1, 2); rename them"},
        {"x,x,y,w,w,z\n1,a,0,0,1,1\n",
         {.label = "y"},
         "several columns have: \"x\" (columns 1, 2), \"w\" (columns 4, 5); rename them, or list the features"},
        {"x,y\nNONE,0\n1,1\n", {.label = "y", BINS("x", EDGES(1))}, "table.csv:2:1: \"NONE\" is not a number"},
        {"x,y\nNA,0\n1,1\n",
         {.label = "y", BINS("x", EDGES(1)), .missing = &(const caucus_missing_words){0}},
         "table.csv:2:1: \"NA\" is not a number, but column \"x\" is cut by bins; if it means that the value is "
         "missing, "
         "name it under missing"},
        {"x,y\n1,NA\n2,\n", {.label = "y"}, "table.csv: no row has a label in column \"y\""},
        {"x,y\n1,NA\n2,a\n", {.label = "y"}, "the label column \"y\" has one value only, \"a\""},
        {"x,y\n1,0\n0x10,1\n", {.label = "y", BINS("x", EDGES(1))}, "table.csv:3:1: \"0x10\" is not a number"},
        {"x,y\n1,0\ninf,1\n", {.label = "y", BINS("x", EDGES(1))}, "table.csv:3:1: \"inf\" is not a number"},
        {"x,y\n1,0\n1e999,1\n", {.label = "y", BINS("x", EDGES(1))}, "table.csv:3:1: \"1e999\" is not a number"},
        {"x,y\n1,0\n1 2,1\n", {.label = "y", BINS("x", EDGES(1))}, "table.csv:3:1: \"1 2\" is not a number"},
        {"x,y\n1,0\n1.2.3,1\n", {.label = "y", BINS("x", EDGES(1))}, "table.csv:3:1: \"1.2.3\" is not a number"},
        {"x,y\n1,0\n-,1\n", {.label = "y", BINS("x", EDGES(1))}, "table.csv:3:1: \"-\" is not a number"},
        {"x,y\n1,0\n\"a\nb\",1\n\"c\",", {.label = "y", BINS("y", EDGES(1))}, NULL},
        {"x,y\n1,0\n2\n", {.label = "y"}, "table.csv:3:1: 1 field, but the header has 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        caucus_table_spec spec = cases[i].spec;
        caucus_population *p = NULL;
        spec.place.path = write_text(cases[i].text);
        caucus_status status = caucus_table_read(&spec, &p, NULL);
        assert_int_equal(status, cases[i].message != NULL ? CAUCUS_INVALID : CAUCUS_OK);
        if (cases[i].message != NULL) {
            assert_message(cases[i].message);
        }
        caucus_population_free(p);
    }
}

static void test_unknown_is_pointed_at(void **state)
{
    (void)state;
    const char *wanted[] = {"a", "bee"};
    caucus_table_spec spec = {
        .place.path = write_text("a,b,y\n1,2,3\n"), .label = "y", .n_features = 2, .features = wanted};
    caucus_population *p = NULL;
    const char *unknown = "not touched";
    assert_int_equal(caucus_table_read(&spec, &p, &unknown), CAUCUS_INVALID);
    assert_ptr_equal(unknown, wanted[1]);
    spec.place.path = test_path("absent.csv");
    assert_int_equal(caucus_table_read(&spec, &p, &unknown), CAUCUS_INVALID);
    assert_null(unknown);
    assert_message("absent.csv: cannot be read: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_features_in_the_order_asked_for),
        cmocka_unit_test(test_sorted_bytewise_and_row_order_free),
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_numbers_in_another_locale),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_most_values),
        cmocka_unit_test(test_spelling),
        cmocka_unit_test(test_unlabelled),
        cmocka_unit_test(test_income),
        cmocka_unit_test(test_vehicles),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_unknown_is_pointed_at),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
