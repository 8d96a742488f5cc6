using System.Management.Automation.Language;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Host;

/// <summary>The build script and the runbooks run where there is only the small host.</summary>
public sealed class BuildScriptTests
{
    private static readonly string Script = Path.Combine(Repository.Root, "build.ps1");

    public static TheoryData<string> Scripts => ["build.ps1", .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "runbooks"), "*.ps1").Select(path => Path.GetRelativePath(Repository.Root, path))];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Calls_only_its_own_functions_the_modules_and_core_cmdlets_and_programs(string file)
    {
        var script = Parser.ParseFile(Path.Combine(Repository.Root, file), out _, out var errors);
        Assert.Empty(errors);
        var functions = script.FindAll(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: true)
            .Cast<FunctionDefinitionAst>()
            .Select(function => function.Name);
        using var prompt = new Prompt();
        var cmdlets = prompt.Get("Get-Command -Module Microsoft.PowerShell.Core, CiliumLab")
            .Select(command => command.Properties["Name"].Value.ToString()!);
        var known = new HashSet<string>([.. functions, .. cmdlets, "dotnet"], StringComparer.OrdinalIgnoreCase);

        var unknown = script.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
            .Select(command => command.GetCommandName())
            .Where(name => name is not null && !known.Contains(name));

        Assert.Empty(unknown);
    }

    [Fact]
    public async Task An_unknown_task_is_an_error_that_names_the_known_ones()
    {
        var outcome = await HostProcess.RunAsync("-NoModule", Script, "clean,nonsense");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal("There is no task 'nonsense'. The tasks are Build, Test, Demo, Bench, Pack, Clean.\n", outcome.Error);
    }
}
