namespace CiliumLab.Tests;

/// <summary>Recorded output of real tools, one file per command, under tests/Fixtures.</summary>
internal static class Fixture
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Fixtures");

    /// <summary>Opens a recorded output, such as <c>transcript/010-cat-etc-hosts.txt</c>.</summary>
    public static StreamReader Open(string name) => new(Path.Combine(Folder, name));

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));
}
