using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Labs;
using CiliumLab.PowerShell.Labs;

namespace CiliumLab.Tests.Cmdlets;

/// <summary>Gives a prompt other labs than those of the user's data folder, which is one for the whole process.</summary>
internal static class PromptLabs
{
    /// <summary>The prompt's labs are these, from its first cmdlet on.</summary>
    public static void Use(Prompt prompt, LabConnections connections)
    {
        var field = typeof(RunspaceLabs).GetField("ByRunspace", BindingFlags.NonPublic | BindingFlags.Static)!;
        ((ConditionalWeakTable<Runspace, LabConnections>)field.GetValue(null)!).AddOrUpdate(prompt.Runspace, connections);
    }
}
