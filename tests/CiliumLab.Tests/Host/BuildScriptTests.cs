using System.Management.Automation.Language;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Host;

/// <summary>The build script runs where there is only the small host.</summary>
public sealed class BuildScriptTests
{
    private static readonly string Script = Path.Combine(Repository.Root, "build.ps1");

    [Fact]
    public void Calls_only_its_own_functions_core_cmdlets_and_programs()
    {
        var script = Parser.ParseFile(Script, out _, out var errors);
        Assert.Empty(errors);
        var functions = script.FindAll(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: true)
            .Cast<FunctionDefinitionAst>()
            .Select(function => function.Name);
        using var prompt = new Prompt();
        var cmdlets = prompt.Get("Get-Command -Module Microsoft.PowerShell.Core")
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
        Assert.Equal("There is no task 'nonsense'. The tasks are Build, Test, Bench, Pack, Clean.\n", outcome.Error);
    }
}
