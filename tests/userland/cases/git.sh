# SPDX-License-Identifier: GPL-2.0-or-later
# git: init, commit, branch, merge, clone, fetch, diff, log, blame, stash, gc, archive, bundle.
set -e
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
git init -q -b main one; cd one; seq 1 100 >numbers; mkdir folder; echo text >folder/file; git add .; git commit -q -m first; git rev-parse HEAD
git checkout -q -b side; sed -i 's/^50$/fifty/' numbers; git commit -q -am side; git checkout -q main; sed -i 's/^5$/five/' numbers; git commit -q -am main
git merge -q -m merged side; git log --oneline --graph | cat; git diff HEAD~1 --stat | cat; git blame -s numbers | sed -n '5p;50p'; git rev-parse HEAD HEAD^{tree}
echo change >>numbers; git stash -q; git status --short; git stash pop -q; git status --short; git checkout -q numbers; git tag -a -m tagged v1; git describe
cd ..; git clone -q one two; cd two; echo more >more; git add more; git commit -q -m more; git push -q origin HEAD:refs/heads/pushed; git gc -q; git fsck 2>/dev/null
cd ../one; git log --format=%s pushed | cat; git archive HEAD | tar -t; git bundle create -q ../b pushed 2>/dev/null; git clone -q -b pushed ../b ../three 2>/dev/null; ls ../three; git grep -n fifty; git rebase -q side 2>/dev/null; git log --oneline | wc -l
git cat-file -p HEAD:numbers | cksum; git submodule status; git config --get user.name || echo none
