/* HDF5 tables: columns in a group and members of compounds give what the same CSV gives; errors name the object. */
#include "table_files.h"

#include <hdf5.h>

static hid_t create_file(void)
{
    hid_t file = H5Fcreate(test_path("table.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static void write_column(hid_t place, const char *name, hid_t type, hsize_t n, const void *values)
{
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t dataset = H5Dcreate2(place, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0);
    assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

static hid_t fixed_string(size_t size, H5T_str_t padding)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_strpad(type, padding);
    return type;
}

static caucus_population *read_table(const caucus_table_spec *spec)
{
    caucus_population *p = NULL;
    if (caucus_table_read(spec, &p, NULL) != CAUCUS_OK) {
        fail_msg("%s", caucus_error_message());
    }
    return p;
}

/* Every kind of column, against the same people in a CSV file. */
static void test_group_equals_csv(void **state)
{
    (void)state;
    enum { N = 5 };
    hid_t file = create_file();
    hid_t group = H5Gcreate2(file, "people", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t inner = H5Gcreate2(group, "not_a_column", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t variable = fixed_string(H5T_VARIABLE, H5T_STR_NULLTERM);
    hid_t padded = fixed_string(4, H5T_STR_NULLPAD);
    hid_t spaced = fixed_string(4, H5T_STR_SPACEPAD);
    hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8);
    H5Tenum_insert(boolean, "FALSE", &(int8_t){0});
    H5Tenum_insert(boolean, "TRUE", &(int8_t){1});
    write_column(group, "a_variable", variable, N, (const char *[]){"x", NULL, "", "long text", "x"});
    write_column(group, "b_padded", padded, N, "four\0\0\0\0two\0two\0one\0");
    write_column(group, "c_spaced", spaced, N, "a   b   a b     a   ");
    write_column(group, "d_signed", H5T_NATIVE_INT16, N, (const int16_t[]){-5, 10, 9, -5, 9});
    write_column(group, "e_unsigned", H5T_NATIVE_UINT64, N,
                 (const uint64_t[]){UINT64_MAX, 1, 1, 1, UINT64_C(9007199254740993)});
    write_column(group, "f_single", H5T_NATIVE_FLOAT, N, (const float[]){0.1f, -0.0f, 0.0f, 1e10f, 0.0f / 0.0f});
    write_column(group, "g_double", H5T_NATIVE_DOUBLE, N, (const double[]){0.1, 1e300, 2, 1e15, 123456.5});
    write_column(group, "h_boolean", boolean, N, (const int8_t[]){0, 1, 1, 0, 1});
    write_column(group, "i_bits", H5T_STD_B8LE, N, (const uint8_t[]){0, 1, 1, 0, 1});
    write_column(group, "j_big_endian", H5T_STD_I32BE, N, "\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\2\xff\xff\xff\xff");
    write_column(group, "label", variable, N, (const char *[]){"yes", "no", "no", "yes", "yes"});
    write_column(group, "weight", H5T_NATIVE_DOUBLE, N, (const double[]){1, 2, 3, 4, 5});
    H5Tclose(boolean);
    H5Tclose(spaced);
    H5Tclose(padded);
    H5Tclose(variable);
    H5Gclose(inner);
    H5Gclose(group);
    H5Fclose(file);
    caucus_table_spec spec = {
        .place.path = test_path("table.h5"), .label = "label", .weight = "weight", .place.group = "people"};
    caucus_population *p = read_table(&spec);
    assert_values(&p->features[0], "long text|x|(missing)");
    assert_values(&p->features[2], "a|a b|b|(missing)");
    assert_values(&p->features[5], "0|0.1|10000000000|(missing)");
    assert_values(&p->features[6], "0.1|123456.5|1e+15|1e+300|2");
    caucus_table_spec csv = {
        .place.path = write_text("a_variable,b_padded,c_spaced,d_signed,e_unsigned,f_single,g_double,h_boolean,i_bits,"
                                 "j_big_endian,label,weight\n"
                                 "x,four,a,-5,18446744073709551615,0.1,0.1,FALSE,False,1,yes,1\n"
                                 ",,b,10,1,0,1e+300,TRUE,True,2,no,2\n"
                                 ",two,a b,9,1,0,2,TRUE,True,1,no,3\n"
                                 "long text,two,,-5,1,10000000000,1e+15,FALSE,False,2,yes,4\n"
                                 "x,one,a,9,9007199254740993,,123456.5,TRUE,True,-1,yes,5\n"),
        .label = "label",
        .weight = "weight"};
    caucus_population *q = read_table(&csv);
    assert_int_equal(p->n_cells, 5);
    assert_int_equal(p->total, 15);
    assert_int_equal(p->checksum, q->checksum);
    caucus_population_free(p);
    caucus_population_free(q);
}

typedef struct record {
    char home[8];
    int32_t weight;
    char *label;
    float age;
    double unused[2];
} record;

static hid_t record_type(void)
{
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(record));
    hid_t fixed = fixed_string(8, H5T_STR_NULLPAD);
    hid_t variable = fixed_string(H5T_VARIABLE, H5T_STR_NULLTERM);
    hid_t pair = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &(hsize_t){2});
    H5Tinsert(type, "home", HOFFSET(record, home), fixed);
    H5Tinsert(type, "weight", HOFFSET(record, weight), H5T_NATIVE_INT32);
    H5Tinsert(type, "label", HOFFSET(record, label), variable);
    H5Tinsert(type, "age", HOFFSET(record, age), H5T_NATIVE_FLOAT);
    H5Tinsert(type, "values_block_0", HOFFSET(record, unused), pair);
    H5Tclose(pair);
    H5Tclose(variable);
    H5Tclose(fixed);
    return type;
}

/* More rows than a slab, in compressed chunks larger than the library's cache, in a table of compounds. */
static void test_compound_in_slabs(void **state)
{
    (void)state;
    enum { N = 150000 };
    record *records = calloc(N, sizeof *records);
    uint64_t sums[2][2] = {{0}};
    for (int i = 0; i < N; i++) {
        strcpy(records[i].home, i % 3 == 0 ? "rent" : "own");
        records[i].weight = i % 7;
        records[i].label = i % 5 == 0 ? "yes" : "no";
        records[i].age = (float)(i % 100);
        sums[i % 3 == 0][i % 5 == 0] += i % 100 < 30 ? (uint64_t)(i % 7) : 0;
    }
    hid_t file = create_file();
    hid_t group = H5Gcreate2(file, "frame", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = record_type();
    hid_t space = H5Screate_simple(1, &(hsize_t){N}, NULL);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 1, &(hsize_t){100000});
    H5Pset_deflate(creation, 1);
    hid_t dataset = H5Dcreate2(group, "table", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    assert_true(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, records) >= 0);
    H5Dclose(dataset);
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(type);
    H5Gclose(group);
    H5Fclose(file);
    free(records);
    const caucus_bins bins = {"age", 1, (const double[]){30}};
    caucus_table_spec spec = {.place.path = test_path("table.h5"),
                              .label = "label",
                              .n_features = 2,
                              .features = (const char *const[]){"age", "home"},
                              .n_bins = 1,
                              .bins = &bins,
                              .weight = "weight",
                              .place.group = "/frame/table"};
    caucus_population *p = read_table(&spec);
    assert_values(&p->features[0], "<30|>=30");
    assert_int_equal(weight_of(p, (const char *[]){"<30", "own"}, "no"), sums[0][0]);
    assert_int_equal(weight_of(p, (const char *[]){"<30", "own"}, "yes"), sums[0][1]);
    assert_int_equal(weight_of(p, (const char *[]){"<30", "rent"}, "no"), sums[1][0]);
    assert_int_equal(weight_of(p, (const char *[]){"<30", "rent"}, "yes"), sums[1][1]);
    caucus_population_free(p);

    caucus_population *none = NULL;
    spec.features = (const char *const[]){"age", "values_block_0"};
    assert_int_equal(caucus_table_read(&spec, &none, NULL), CAUCUS_INVALID);
    assert_message("table.h5:/frame/table: column \"values_block_0\" holds several values a row");
    spec.features = (const char *const[]){"age", "hom"};
    assert_int_equal(caucus_table_read(&spec, &none, NULL), CAUCUS_INVALID);
    assert_message("no column is named \"hom\"; did you mean \"home\"?");
    spec.n_bins = 0;
    spec.features = (const char *const[]){"home", "age"};
    spec.weight = "label";
    spec.label = "weight";
    assert_int_equal(caucus_table_read(&spec, &none, NULL), CAUCUS_INVALID);
    assert_message("table.h5:/frame/table[0]: \"yes\" in column \"label\" is not a weight");
}

/* A file with one of everything that is no column. */
static void write_strange_file(void)
{
    hid_t file = create_file();
    hid_t variable = fixed_string(H5T_VARIABLE, H5T_STR_NULLTERM);
    hid_t opaque = H5Tcreate(H5T_OPAQUE, 4);
    hid_t compound = record_type();
    hid_t square = H5Screate_simple(2, (const hsize_t[]){2, 2}, NULL);
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8);
    H5Tenum_insert(boolean, "FALSE", &(int8_t){0});
    write_column(file, "label", variable, 3, (const char *[]){"yes", "no", "no"});
    write_column(file, "good", variable, 3, (const char *[]){"a", "b", "c"});
    write_column(file, "short", H5T_NATIVE_INT, 2, (const int[]){1, 2});
    write_column(file, "latin1", variable, 3, (const char *[]){"a", "b", "\xE4"});
    write_column(file, "opaque", opaque, 3, "abcdefghijkl");
    write_column(file, "nameless", boolean, 3, (const int8_t[]){0, 0, 1});
    write_column(file, "minus", H5T_NATIVE_INT, 3, (const int[]){1, -2, 3});
    write_column(file, "none", H5T_NATIVE_INT, 0, (const int[]){0});
    H5Dclose(H5Dcreate2(file, "square", H5T_NATIVE_INT, square, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "scalar", H5T_NATIVE_INT, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t three = H5Screate_simple(1, &(hsize_t){3}, NULL);
    H5Dclose(H5Dcreate2(file, "compound", compound, three, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_soft("/nowhere", file, "dangling", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "empty", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Tcommit2(file, "a_type", boolean, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Sclose(three);
    H5Tclose(boolean);
    H5Sclose(scalar);
    H5Sclose(square);
    H5Tclose(compound);
    H5Tclose(opaque);
    H5Tclose(variable);
    H5Fclose(file);
}

static void test_bad(void **state)
{
    (void)state;
    write_strange_file();
    static const struct {
        const char *feature; /* NULL: all others */
        const char *label;
        const char *weight;
        const char *group;
        const char *message;
    } cases[] = {
        {"good", "label", NULL, "/peeple", "table.h5:/peeple: there is no such group or dataset"},
        {"good", "label", NULL, "empty", "table.h5:/empty: no columns are here; write group: "},
        {"good", "label", NULL, "good", "table.h5:/good: neither a group nor a dataset of compounds"},
        {"good", "label", NULL, "a_type", "table.h5:/a_type: neither a group nor a dataset"},
        {"good", "labl", NULL, NULL, "table.h5: no column is named \"labl\"; did you mean \"label\"?"},
        {"dangling", "label", NULL, NULL, "no column is named \"dangling\""},
        {"short", "label", NULL, NULL, "table.h5:/label: it has 3 rows, but /short has 2"},
        {"latin1", "label", NULL, NULL, "table.h5:/latin1[2]: column \"latin1\": a text that is not UTF-8"},
        {"opaque", "label", NULL, NULL, "table.h5:/opaque: column \"opaque\" is of a type that is no category"},
        {"nameless", "label", NULL, NULL, "table.h5:/nameless[2]: column \"nameless\": a value that its enumeration"},
        {"square", "label", NULL, NULL, "table.h5:/square: it has 2 dimensions, but a column has one"},
        {"scalar", "label", NULL, NULL, "table.h5:/scalar: it has 0 dimensions, but a column has one"},
        {"compound", "label", NULL, NULL, "table.h5:/compound: a dataset of compounds; give its path as the group"},
        {NULL, "label", NULL, NULL, "table.h5:/compound: a dataset of compounds; give its path as the group"},
        {"good", "label", "minus", NULL, "table.h5:/minus[1]: weight -2 in column \"minus\": weights are counts"},
        {"good", "label", "nameless", NULL, "table.h5:/nameless[0]: \"FALSE\" in column \"nameless\" is not a weight"},
        {"good", "label", "none", NULL, "table.h5:/none: it has 0 rows, but /good has 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        caucus_table_spec spec = {.place.path = test_path("table.h5"),
                                  .label = cases[i].label,
                                  .n_features = cases[i].feature != NULL,
                                  .features = &cases[i].feature,
                                  .weight = cases[i].weight,
                                  .place.group = cases[i].group};
        caucus_population *p = NULL;
        assert_int_equal(caucus_table_read(&spec, &p, NULL), CAUCUS_INVALID);
        assert_message(cases[i].message);
        assert_null(p);
    }
    caucus_table_spec spec = {.place.path = test_path("table.h5"), .label = "label", .place.separator = ','};
    caucus_population *p = NULL;
    assert_int_equal(caucus_table_read(&spec, &p, NULL), CAUCUS_INVALID);
    assert_message("an HDF5 file has no separator");
}

/* A file cut off in the middle still has the signature. */
static void test_truncated(void **state)
{
    (void)state;
    write_strange_file();
    assert_int_equal(truncate(test_path("table.h5"), 3000), 0);
    caucus_table_spec spec = {.place.path = test_path("table.h5"), .label = "label"};
    caucus_population *p = NULL;
    assert_int_equal(caucus_table_read(&spec, &p, NULL), CAUCUS_FAILED);
    assert_message("table.h5:/: the file cannot be opened; is it complete?: HDF5 says \"");
}

/* Nothing stays open: a file left open could not be created anew. */
static void test_closes_everything(void **state)
{
    (void)state;
    assert_int_equal(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_equals_csv), cmocka_unit_test(test_compound_in_slabs), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_truncated),        cmocka_unit_test(test_closes_everything),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
