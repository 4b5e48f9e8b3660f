using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests.Programs;

/// <summary>Compilers and version control work in a vault.</summary>
public sealed class BuildTests
{
    // Goal: git clones by hard links, by copying and over its protocol; worktrees, garbage collection and checks work.
    // Method: clones and worktrees commit; after lock and unlock everything is whole and clean.
    [Fact]
    public void Git_clones_and_has_worktrees()
    {
        Requires.Fuse();
        Requires.Program("git");
        using TestVault vault = new();
        vault.Open();
        string prelude = "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.org\n";

        vault.InMount(prelude + """
            git init -q -b main repo; cp -r /usr/include/linux/netfilter repo/headers; git -C repo add .; git -C repo commit -qm first
            git clone -q repo linked; git clone -q --no-hardlinks repo copied; git clone -q "file://$PWD/repo" sent; git clone -q --bare repo bare.git
            git -C linked worktree add -q ../tree -b side; echo more > tree/more; git -C tree add more; git -C tree commit -qm second
            git -C linked push -q ../bare.git side; git -C copied pull -q ../linked side
            git -C linked gc -q --prune=now; git -C bare.git repack -adq; git -C linked stash list
            git -C tree mv headers renamed; git -C tree commit -qm third; git -C linked merge -q --no-edit side
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount(prelude + """
            for r in repo linked copied sent bare.git tree; do git -C $r fsck --strict --no-progress > /dev/null; done
            for r in repo linked copied sent tree; do [ -z "$(git -C $r status --porcelain)" ]; done
            [ "$(git -C linked rev-parse main)" = "$(git -C tree rev-parse side)" ]; [ "$(cat copied/more)" = more ]
            git -C linked worktree remove ../tree; [ ! -e tree ]; git -C linked worktree prune
            """).Succeed();
    }

    // Goal: make and gcc build a project, and times tell what is up to date.
    // Method: thirty sources, a library and a program; nothing to do a second time; one change rebuilds what hangs on it.
    [Fact]
    public void Gcc_builds_a_project()
    {
        Requires.Fuse();
        Requires.Program("gcc", "make");
        using TestVault vault = new();
        vault.Open();

        vault.InMount("""
            for i in $(seq 30); do echo "#include \"all.h\"
            int f$i(void) { return $i; }" > f$i.c; echo "int f$i(void);"; done > all.h
            { echo '#include "all.h"'; echo '#include <stdio.h>'; echo 'int main(void) { int sum = 0;'; for i in $(seq 30); do echo "sum += f$i();"; done; echo 'printf("%d\n", sum); return 0; }'; } > main.c
            printf 'OBJECTS = %s\nprogram: main.o libf.a\n\t$(CC) -o $@ $^\nlibf.a: $(OBJECTS)\n\tar rcs $@ $^\n%%.o: %%.c all.h\n\t$(CC) -O1 -c -o $@ $<\n' "$(echo f{1..30}.o)" > Makefile
            make -sj2; [ "$(./program)" = 465 ]; make -q
            sed -i 's/return 7/return 1007/' f7.c; [ "$(make -n | grep -c -- ' -c ')" = 1 ]; make -s; [ "$(./program)" = 1465 ]
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("make -q; [ \"$(./program)\" = 1465 ]; strip program; [ \"$(./program)\" = 1465 ]").Succeed();
    }

    // Goal: the .NET SDK restores, builds and runs a project.
    // Method: a small program, without any package.
    [Fact]
    public void Dotnet_builds_a_project()
    {
        Requires.Fuse();
        Requires.Program("dotnet");
        using TestVault vault = new();
        vault.Open();

        vault.InMount($$"""
            export DOTNET_CLI_HOME={{vault.In("home")}} DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TMPDIR={{vault.In("dotnet")}} MSBUILDDISABLENODEREUSE=1; mkdir {{vault.In("dotnet")}}
            mkdir app; cd app; echo 'System.Console.WriteLine(string.Join(",", args));' > Program.cs
            echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><UseAppHost>false</UseAppHost></PropertyGroup></Project>' > app.csproj
            dotnet build -v quiet -nologo -p:UseSharedCompilation=false -p:NuGetAudit=false
            [ "$(dotnet bin/Debug/net10.0/app.dll a b)" = a,b ]
            """).Succeed();
        vault.LockAndUnlock();

        vault.InMount("[ \"$(dotnet app/bin/Debug/net10.0/app.dll a b)\" = a,b ]").Succeed();
    }
}
