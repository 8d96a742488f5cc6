using System.Collections;
using System.Reflection;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;

namespace CiliumLab.Tests.Cmdlets;

/// <summary>A lab of recorded nodes at a prompt.</summary>
internal static class RecordedLab
{
    /// <summary>Makes a lab of nodes that give the recorded answers the current one of a prompt.</summary>
    public static void Connect(Prompt prompt, IReadOnlyDictionary<string, string> recorded, params string[] nodes)
    {
        var description = new LabDescription
        {
            Name = "recorded",
            Nodes = [.. nodes.Select(node => new NodeDescription { Node = node, Host = "nowhere" })],
        };
        var session = new LabSession(description, "", node => Node(node.Node, recorded));

        // A session is otherwise only opened from a provider, and all providers lead out of this process.
        var connections = new LabConnections(LabStore.ForUser());
        ((IDictionary)Field(typeof(LabConnections), "_open").GetValue(connections)!).Add("recorded", session);
        typeof(LabConnections).GetProperty(nameof(LabConnections.Current))!.SetValue(connections, "recorded");
        PromptLabs.Use(prompt, connections);
    }

    private static RecordedShell Node(string name, IReadOnlyDictionary<string, string> recorded)
    {
        var shell = new RecordedShell(name);
        foreach (var (command, output) in recorded)
            shell.Answer(command, output);
        return shell;
    }

    private static FieldInfo Field(Type type, string name) =>
        type.GetField(name, BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)!;
}
