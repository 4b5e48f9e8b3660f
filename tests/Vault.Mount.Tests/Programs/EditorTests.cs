using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests.Programs;

/// <summary>Editors save, and leave what they should and nothing else.</summary>
public sealed class EditorTests
{
    // Goal: vim saves in each of its ways, with its backup, swap and undo files.
    // Method: by renaming and by copying the old file, also through a symlink; in the vault it leaves what it leaves on the host.
    [Fact]
    public void Vim_saves()
    {
        Requires.Fuse();
        Requires.Program("vim");
        using TestVault vault = new();
        string edit = """
            for copy in no yes auto; do
              mkdir $copy; cd $copy; seq 1000 > doc; chmod 640 doc; ln -s doc link
              vim -Nu NONE -es -c "set swapfile backup undofile backupcopy=$copy" -c '%s/^/line /' -c 'wq' link
              vim -Nu NONE -es -c "set swapfile backup undofile backupcopy=$copy" -c '1d' -c 'wq' doc
              cd ..
            done
            """;
        vault.Open();

        Shell.Bash($"mkdir {vault.In("host")}; cd {vault.In("host")}; {edit}").Succeed();
        vault.InMount(edit).Succeed();
        vault.LockAndUnlock();

        vault.InMount($"""
            diff -r --exclude='*.un~' {vault.In("host")} .; head -n 1 yes/doc | grep -qx 'line 2'
            diff <(cd {vault.In("host")}; find . -type f -printf '%p %m %n %s\n' | sort) <(find . -type f -printf '%p %m %n %s\n' | sort)
            """).Succeed();
    }

    // Goal: nano saves what was typed.
    // Method: keys typed at a terminal of its own once it shows its screen: text, write out, exit; with its backup.
    [Fact]
    public void Nano_saves()
    {
        Requires.Fuse();
        Requires.Program("nano", "script");
        using TestVault vault = new();
        vault.Open();

        vault.InMount($"""
            seq 100 > doc; chmod 600 doc; mkfifo {vault.In("keys")}
            TERM=xterm script -qfec 'nano --backup --ignorercfiles doc' {vault.In("screen")} < {vault.In("keys")} > /dev/null & nano=$!
            exec 3> {vault.In("keys")}
            until grep -aq 'GNU nano' {vault.In("screen")}; do sleep 0.05; done
            printf 'typed ' >&3; until grep -aq 'typed' {vault.In("screen")}; do sleep 0.05; done
            printf '\017' >&3; until grep -aq 'File Name to Write' {vault.In("screen")}; do sleep 0.05; done
            printf '\r' >&3; until grep -aq 'Wrote' {vault.In("screen")}; do sleep 0.05; done
            printf '\030' >&3; wait $nano
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("""
            cmp doc <(seq 100 | sed '1s/^/typed /'); cmp doc~ <(seq 100); [ "$(stat -c %a doc)" = 600 ]; [ "$(ls -A | wc -l)" = 2 ]
            """).Succeed();
    }

    // Goal: emacs saves by renaming and by copying, with its lock (a symlink that leads nowhere) while it edits and gone afterwards.
    // Method: batch mode; the file has another hard link, which emacs keeps where it copies.
    [Fact]
    public void Emacs_saves()
    {
        Requires.Fuse();
        Requires.Program("emacs");
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            for copy in nil t; do
              mkdir $copy; cd $copy; seq 100 > doc; ln doc other; chmod 640 doc
              emacs -Q --batch --eval "(setq backup-by-copying $copy create-lockfiles t)" doc \
                --eval '(progn (insert "first ") (unless (file-symlink-p ".#doc") (error "no lock")) (save-buffer))' 2> /dev/null
              cd ..
            done
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("""
            for copy in nil t; do cmp $copy/doc <(seq 100 | sed '1s/^/first /'); cmp $copy/doc~ <(seq 100); [ "$(ls -A $copy | wc -l)" = 3 ]; done
            [ "$(stat -c '%a %h' nil/doc)" = '640 1' ]; [ "$(stat -c '%a %h' t/doc)" = '640 2' ]
            """).Succeed();
    }
}
