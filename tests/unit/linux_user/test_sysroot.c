/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysroot.h"

#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];
static struct sysroot *sysroot;

static const char *below(const char *rest)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", directory, rest);
    return path;
}

static void make_file(const char *rest)
{
    int fd = open(below(rest), O_CREAT | O_WRONLY, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void set_up(void)
{
    strcpy(directory, "/tmp/kage-sysroot-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(mkdir(below("/data"), 0700), 0);
    make_file("/data/file");
    ck_assert_int_eq(symlink("/data/file", below("/link")), 0);
    sysroot = sysroot_open(directory);
    ck_assert_ptr_nonnull(sysroot);
}

static void tear_down(void)
{
    static const char *const names[] = {"/link", "/data/file"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        unlink(below(names[i]));
    }
    rmdir(below("/data"));
    rmdir(directory);
}

static const char *translate(const char *path, bool follow)
{
    static char buffer[PATH_MAX];
    return sysroot_translate(sysroot, path, follow, buffer);
}

START_TEST(paths_that_exist_below_the_directory)
{
    ck_assert_str_eq(translate("/data/file", true), below("/data/file"));
    ck_assert_str_eq(translate("/data/../data/file", true), below("/data/file"));
    ck_assert_str_eq(translate("/data/none", true), "/data/none");
    ck_assert_str_eq(translate("data/file", true), "data/file");
    ck_assert_str_eq(translate("/proc", true), "/proc");
}
END_TEST

START_TEST(links_are_followed_inside)
{
    ck_assert_str_eq(translate("/link", true), below("/data/file"));
    ck_assert_str_eq(translate("/link", false), below("/link"));
}
END_TEST

START_TEST(host_paths_of_the_directory_stay)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/data/file", directory);
    ck_assert_str_eq(translate(path, true), path);
    ck_assert_str_eq(sysroot_guest_path(sysroot, path), "/data/file");
    ck_assert_str_eq(sysroot_guest_path(sysroot, "/data/file"), "/data/file");
}
END_TEST

/* A path whose first letters only happen to be the directory's used to be taken for one inside it. */
START_TEST(a_longer_name_is_another_directory)
{
    char neighbour[sizeof directory + 8], inside[2 * sizeof directory + 8];
    snprintf(neighbour, sizeof neighbour, "%s-next", directory);
    snprintf(inside, sizeof inside, "%s%s", directory, neighbour);
    /* The guest's /tmp/...-next exists below the directory. */
    ck_assert_int_eq(mkdir(below("/tmp"), 0700), 0);
    ck_assert_int_eq(mkdir(inside, 0700), 0);
    ck_assert_str_eq(translate(neighbour, true), inside);
    ck_assert_str_eq(sysroot_guest_path(sysroot, neighbour), neighbour);
    rmdir(inside);
    rmdir(below("/tmp"));
}
END_TEST

/* What was absent many times is found as soon as it is there, whichever of its components was missing. */
START_TEST(absent_paths_that_are_made)
{
    static const char *const paths[][2] = {{"/data/new", "/data/new/file"}, {"/new", "/new/file"}};
    for (unsigned i = 0; i < 2; i++) {
        usleep(150000); /* changes of directories are old enough to be relied on */
        for (unsigned n = 0; n < 100; n++) {
            ck_assert_str_eq(translate(paths[i][1], true), paths[i][1]);
        }
        ck_assert_int_eq(mkdir(below(paths[i][0]), 0700), 0);
        ck_assert_str_eq(translate(paths[i][1], true), paths[i][1]);
        make_file(paths[i][1]);
        ck_assert_str_eq(translate(paths[i][1], true), below(paths[i][1]));
        unlink(below(paths[i][1]));
        rmdir(below(paths[i][0]));
    }
}
END_TEST

/* A directory with absent files is exchanged for another one that has them. */
START_TEST(a_parent_that_is_exchanged)
{
    ck_assert_int_eq(mkdir(below("/other"), 0700), 0);
    make_file("/other/new");
    usleep(150000);
    for (unsigned n = 0; n < 100; n++) {
        ck_assert_str_eq(translate("/data/new", true), "/data/new");
    }
    char old[PATH_MAX], kept[PATH_MAX], fresh[PATH_MAX];
    strcpy(old, below("/data"));
    strcpy(kept, below("/kept"));
    strcpy(fresh, below("/other"));
    ck_assert_int_eq(rename(old, kept), 0);
    ck_assert_int_eq(rename(fresh, old), 0);
    ck_assert_str_eq(translate("/data/new", true), below("/data/new"));
    unlink(below("/data/new"));
    ck_assert_int_eq(rmdir(old), 0);
    ck_assert_int_eq(rename(kept, old), 0);
}
END_TEST

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* From now on this process may mount what nobody else sees. False: this system does not let it. */
static bool enter_own_namespace(void)
{
    char users[32], groups[32];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)getuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getgid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
        write_text("/proc/self/setgroups", "deny");
        write_text("/proc/self/uid_map", users);
        write_text("/proc/self/gid_map", groups);
    } else if (unshare(CLONE_NEWNS) != 0) {
        return false;
    }
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", below("/data"), "tmpfs", 0, NULL) == 0 &&
           umount(below("/data")) == 0;
}

static void miss_often(const char *path)
{
    for (unsigned n = 0; n < 100; n++) {
        ck_assert_str_eq(translate(path, true), path);
    }
}

/* A mount over a directory with absent files, which does not change it; then that mount has absent files, which it may be taken away
   for all that. */
START_TEST(a_mount_over_a_parent)
{
    if (!enter_own_namespace()) {
        puts("no mounting: a_mount_over_a_parent is not run");
        return;
    }
    sysroot = sysroot_open(directory); /* in this namespace */
    usleep(150000);
    miss_often("/data/new");
    ck_assert_int_eq(mount("none", below("/data"), "tmpfs", 0, NULL), 0);
    make_file("/data/new");
    ck_assert_str_eq(translate("/data/new", true), below("/data/new"));
    ck_assert_str_eq(translate("/data/file", true), "/data/file");
    usleep(150000);
    miss_often("/data/file");
    ck_assert_int_eq(umount(below("/data")), 0);
    ck_assert_str_eq(translate("/data/file", true), below("/data/file"));
    miss_often("/data/new");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sysroot");
    TCase *group = tcase_create("paths");
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_add_test(group, paths_that_exist_below_the_directory);
    tcase_add_test(group, links_are_followed_inside);
    tcase_add_test(group, host_paths_of_the_directory_stay);
    tcase_add_test(group, a_longer_name_is_another_directory);
    tcase_add_test(group, absent_paths_that_are_made);
    tcase_add_test(group, a_parent_that_is_exchanged);
    tcase_add_test(group, a_mount_over_a_parent);
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
